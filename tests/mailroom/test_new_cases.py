"""A mail to the municipality that belongs to no case becomes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.cases.models import Case, Kind
from caseflow.database import db
from caseflow.mailroom import ingest
from caseflow.mailroom.tongues import language_of
from caseflow.messages.models import Attachment, IncomingMail, Message
from tests.clamd import VIRUS, clamd
from tests.mailroom.conftest import counted
from tests.mailroom.mailprograms import fresh

TEXT = "Hej!\n\nLampan på Skolgatan 4 har varit släckt i en vecka. Kan ni laga den?\n\nMvh Rut"
ComeIn = Callable[..., IncomingMail]


@pytest.fixture
def come_in(app: Flask, mailbox: str) -> ComeIn:
    def take(raw: bytes, age: timedelta = timedelta()) -> IncomingMail:
        mail_id = ingest.keep(raw, ingest.Origin("pipe", clock.now() - age), app.config)
        ingest.process(mail_id, app.config)
        return db.session.get_one(IncomingMail, mail_id, populate_existing=True)

    return take


def only_case() -> Case:
    db.session.rollback()
    return db.session.scalars(sa.select(Case)).one()


def test_it_is_routed_promised_and_receipted_like_any_other(come_in: ComeIn) -> None:
    row = come_in(fresh("Trasig lampa", TEXT))
    case = only_case()
    assert (row.outcome, row.case_id) == ("filed", case.id)
    assert (case.source, case.reply_by, case.email, case.name) == ("email", "email", "rut@example.org", "Rut Åkesson")
    assert case.description == f"Trasig lampa\n\n{TEXT}"
    assert case.kind_code == db.session.scalar(sa.select(Kind.code).order_by(Kind.position).limit(1))
    assert case.routed["by"] in ("rule", "triage")
    receipt = db.session.scalars(sa.select(Message)).one()
    assert (receipt.purpose, receipt.recipient["email"]) == ("receipt", "rut@example.org")


def test_its_words_route_it(come_in: ComeIn) -> None:
    come_in(fresh("Fråga", "Vi saknar förskoleplats för vår son i höst, och undrar om förskola och skolskjuts."))
    assert only_case().routed["by"] == "rule"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", TEXT),
        ("en", "Hello, the lamp in our street has been out for a week. Could you please have a look at it?"),
        ("fi", "Hei, katulamppu on ollut sammunut viikon. Voisitteko korjata sen? Kiitos, se on meidän kadulla."),
        ("sv", "Skolgatan 4"),
        ("sv", "Die Lampe ist kaputt, und es ist dunkel."),
    ],
)
def test_the_language_is_read_from_the_small_words(language: str, text: str) -> None:
    assert language_of(text, ["sv", "en", "fi"]) == language


def test_a_language_that_the_municipality_does_not_have_is_not_guessed() -> None:
    assert language_of("Hei, katulamppu on ollut sammunut viikon ja se on meidän.", ["en", "sv"]) == "sv"
    assert language_of("Lampan är släckt och det är mörkt", ["en", "fi"]) == "en"


def test_what_it_quotes_stays_because_nobody_here_has_seen_it(come_in: ComeIn) -> None:
    come_in(
        fresh("SV: Vägen", "Se nedan.\n\nDen 2026-11-20 13:58 skrev Trafikverket <t@example.net>:\n> Det är kommunens.")
    )
    assert "Det är kommunens." in only_case().description


def test_a_mail_without_words_is_a_case_with_its_file(come_in: ComeIn) -> None:
    raw = (
        b"From: rut@example.org\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="hal.png"\n\niVBORw0KGgo='
    )
    come_in(raw)
    file = db.session.scalars(sa.select(Attachment)).one()
    assert (file.case_id, file.entry_id, file.name) == (only_case().id, None, "hal.png")
    assert only_case().description


@pytest.mark.parametrize("sender", ["", "From: \n", "From: nobody\n", "From: rut@localhost\n"])
def test_without_an_address_to_answer_to_it_is_a_case_all_the_same(come_in: ComeIn, sender: str) -> None:
    assert come_in(f"{sender}Subject: Lampan\n\nDen lyser inte.".encode()).outcome == "filed"
    assert (only_case().reply_by, only_case().email) == ("none", None)


def test_it_came_in_when_it_reached_the_mailbox(come_in: ComeIn) -> None:
    come_in(fresh("Lampan", TEXT), timedelta(hours=30))
    assert timedelta(hours=29) < clock.now() - only_case().received_at < timedelta(hours=31)


def test_an_old_mailbox_that_is_connected_makes_no_cases(come_in: ComeIn) -> None:
    assert come_in(fresh("Lampan", TEXT), timedelta(days=8)).outcome == "held"
    assert counted(Case) == counted(Message) == 0


def test_what_cannot_be_taken_apart_waits_for_a_person(come_in: ComeIn) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    row = come_in(b"From: rut@example.org\nSubject: Djup\n" + deep)
    assert (row.outcome, row.sender, row.subject) == ("held", "rut@example.org", "Djup")


def test_a_virus_stays_out_of_the_case_and_a_scanner_that_is_away_lets_the_mail_wait(
    come_in: ComeIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = BytesParser(policy=policy.SMTP).parsebytes(fresh("Trasig lampa", TEXT))
    raw.add_attachment(VIRUS, maintype="application", subtype="pdf", filename="faktura.pdf")
    raw.add_attachment(b"%PDF-1.7 karta", maintype="application", subtype="pdf", filename="karta.pdf")
    monkeypatch.setitem(app.config, "CLAMD_URL", "tcp://127.0.0.1:1")
    row = come_in(raw.as_bytes())
    assert (row.outcome, row.attempts) == ("received", 0)
    with clamd() as url:
        monkeypatch.setitem(app.config, "CLAMD_URL", url)
        assert ingest.process(row.id, app.config) == "filed"
    assert [one.name for one in db.session.scalars(sa.select(Attachment))] == ["karta.pdf"]
    assert "faktura.pdf)" in only_case().description
