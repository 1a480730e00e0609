"""A word of a case that somebody may not see is found by them nowhere: on no page, in no list, file, mail or log.

The walk (test_the_walk.py) goes to each address as each role; here one word is looked for in everything that is made of
cases, of a secret department and of a resident with protected personal data.
"""

from __future__ import annotations

import io
import logging
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow import clock, files
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.lifecycle import Errand, Illegal
from caseflow.cases.models import Case
from caseflow.cases.screen import letting_in, mentions
from caseflow.cases.screen.mention import MentionWish
from caseflow.cases.suggestions import training
from caseflow.cases.watch import digest, escalation
from caseflow.database import db, unit_of_work
from caseflow.messages.channels import letter
from caseflow.messages.models import LetterBatch, Message
from caseflow.people import changes
from tests.cases.acting import Desk, WithToken
from tests.intake.acting import act
from tests.messages.printed import pages_of, text_of
from tests.reach import staff_rules

# The one is searched for, so that it stands on the page that found nothing, and the other looked for.
WORD, LURE = "Kanariefågeln", "skvaller"
SAID = f"{WORD}, {LURE}: den är borta från Skolgatan 4. Lampan är släckt."
OF_NOBODY = {"reply_by": "none", "kind": "felanmalan", "description": SAID, "place": f"Skolgatan 4, {WORD}"}
SEARCHES = (
    f"/staff/queue?text={LURE}&status=all",
    "/staff/queue?status=all&group=department",
    f"/staff/queue.csv?text={LURE}&status=all",
    "/staff/statistics.csv",
    f"/known-faults?place={LURE}",
)


@pytest.fixture
def world(
    resident_case: Callable[..., Case], hire: Callable[..., Staff], clerk: Staff, outsider: Staff
) -> tuple[dict[str, Case], dict[str, Staff]]:
    """A protected resident's case in sb and one of a secret department; who may see which, and who none."""
    people = {
        "clerk": clerk,
        "outsider": outsider,
        "reader": hire("Maja Chef", "manager", "sb", "kf"),
        "lead": hire("Leo Ledare", "coordinator", "sb"),
        "named": hire("Nora Namngiven", "caseworker", "sb"),
    }
    with unit_of_work() as session:
        session.get_one(Staff, people["named"].id).sees_protected = True
    found = {
        "protected": resident_case(**OF_NOBODY, protected=True),
        "secret": resident_case(**{**OF_NOBODY, "department": "ifo", "kind": "fraga"}),
        "open": resident_case(description="Lampan vid Skolgatan 4 är släckt, och det är mörkt.", place="Skolgatan 4"),
    }
    act(lifecycle.note, found["protected"], people["named"], f"{WORD}, sa hon.")
    act(lifecycle.assign, found["protected"], people["named"], to=people["named"])
    act(lifecycle.reply, found["protected"], people["named"], f"{WORD} är lagad.", channel="none", reason="Ingen väg.")
    return found, people


def speaks(client: FlaskClient, address: str) -> bool:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code < 500, address
    return WORD.lower() in _unpacked(answer.get_data()).lower()


def _unpacked(content: bytes) -> str:
    """A page's text; of a workbook that of all its parts."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def test_the_word_of_a_case_out_of_reach_is_found_nowhere(
    app: Flask,
    world: tuple[dict[str, Case], dict[str, Staff]],
    sign_in: Callable[[Staff], FlaskClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    cases, people = world
    numbers = {name: case.number for name, case in cases.items()}
    clients = {name: sign_in(person) for name, person in people.items()}
    with caplog.at_level(logging.DEBUG):
        rules = [(rule.rule, sorted(rule.methods or ()), rule.arguments) for rule, _gate in staff_rules(app)]
        alone = {path for path, methods, arguments in rules if "GET" in methods and not arguments}
        assert len(alone) > 30
        for address in sorted(alone | {*SEARCHES} | {f"/staff/cases/{numbers['open']}"}):
            assert not speaks(clients["clerk"], address), address
        for name in ("outsider", "reader"):
            for address in (*SEARCHES, "/staff/queue", "/staff/mentions", "/staff/statistics"):
                assert not speaks(clients[name], address), (name, address)
        of_a_case = [path for path, methods, arguments in rules if arguments == {"number"} and "GET" in methods]
        for case in ("protected", "secret"):
            for path in of_a_case:
                answer = clients["clerk"].get(path.replace("<number>", numbers[case]))
                assert answer.status_code in (404, 302), path  # 302: to the case's page, which is not there
            assert clients["clerk"].get(f"/staff/cases/{numbers[case]}").status_code == 404
        assert clients["clerk"].get(f"/staff/cases/{numbers['open']}/alike").text.count(numbers["protected"]) == 0
    assert WORD.lower() not in caplog.text.lower()
    for name in ("lead", "named"):
        assert speaks(clients[name], SEARCHES[0]) and speaks(clients[name], f"/staff/cases/{numbers['protected']}")
        assert clients[name].get(f"/staff/cases/{numbers['secret']}").status_code == 404


def test_a_letter_goes_by_way_of_the_tax_agency_with_the_answer_sealed_inside(
    app: Flask,
    world: tuple[dict[str, Case], dict[str, Staff]],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    deliver_all: Callable[[], None],
) -> None:
    cases, people = world
    desk = Desk(sign_in(people["named"]), with_token, cases["protected"])
    clerk = sign_in(people["clerk"])
    assert "It has two parts" in desk.read()
    with unit_of_work() as session:
        session.get_one(Case, cases["protected"].id).language = "fi"
    text = {"text": f"{WORD} är lagad.", "channel": "letter", "reason": "Brev.", "submission": uuid.uuid4().hex}
    assert desk.act("replies", **text).status_code == 303
    deliver_all()
    message = desk.messages()[-1]
    assert message.recipient == {"lines": ["Skatteverket", "Förmedlingsuppdrag", "839 86 Östersund"]}
    assert (message.status, WORD in message.body, message.frame["code"]) == ("accepted", False, "")
    outer = text_of(letter.fetch(message, app.config))
    (inside,) = letter.enclosed(message, app.config)
    assert "Vänliga hälsningar" in outer and "Ystävällisin" not in outer  # who forwards it reads Swedish
    assert "Skatteverket" in outer and WORD not in outer and cases["protected"].code[:4] not in outer
    assert f"{WORD} är lagad." in text_of(inside) and "Skatteverket" not in text_of(inside)
    drawn = files.read(message.frame["enclosed"][0]["sha256"], app.config)  # type: ignore[index]
    assert pages_of(inside, 30)[0].tobytes() == pages_of(drawn, 30)[0].tobytes()  # no smaller: it has a window too
    data = with_token(desk.client, {"message": str(message.id)})
    assert desk.client.post("/staff/letters/batches", data=data).status_code == 303
    batch = db.session.scalars(sa.select(LetterBatch)).one()
    assert batch.protected
    for client, answer in ((desk.client, 200), (clerk, 404)):
        assert client.get(f"/staff/letters/batches/{batch.id}.pdf").status_code == answer


def test_no_mail_to_a_colleague_no_model_and_no_list_of_held_ones_has_the_word(
    app: Flask, world: tuple[dict[str, Case], dict[str, Staff]], sign_in: Callable[[Staff], FlaskClient]
) -> None:
    cases, people = world
    case, clerk, named, lead = cases["protected"], people["clerk"], people["named"], people["lead"]
    with pytest.raises(Illegal):
        act(lifecycle.assign, case, named, to=clerk)
    names = {person.name for person in mentions.readers(case)}
    assert names == {"Leo Ledare", "Nora Namngiven"}
    assert {person.name for person in mentions.readers(cases["open"])} > names
    late = clock.now() + timedelta(days=60)
    with unit_of_work() as session:
        session.add_all(MentionWish(staff_id=person.id) for person in people.values())
        for person in people.values():
            digest.choose(person, late.astimezone(clock.STOCKHOLM).hour, "sv")
        session.execute(sa.update(Case).values(status="new", answered_at=None, assignee_id=None))
        session.execute(sa.update(Case).where(Case.id == case.id).values(assignee_id=clerk.id))  # as a stray row
    escalation.escalate(late)
    digest.send(late)
    mails = db.session.execute(sa.select(Message.staff_id, Message.body).where(Message.staff_id.is_not(None))).all()
    assert {lead.id} <= {staff_id for staff_id, _body in mails}
    for staff_id, body in mails:
        assert WORD not in body
        assert staff_id in (lead.id, named.id) or case.number not in body
    with unit_of_work() as session:
        ended = {"status": "closed", "resolution": "fixed", "closed_at": late, "answered_at": late}
        session.execute(sa.update(Case).values(**ended))
    assert [one.text for one in training.closed_cases()] == [cases["open"].description]
    held = Errand(**OF_NOBODY, language="sv", submission=uuid.uuid4().hex, department="sb", protected=True)  # type: ignore[arg-type]
    with unit_of_work():
        letting_in.hold(held, ["links"], (), now=clock.now())
    assert not speaks(sign_in(clerk), "/staff/held") and speaks(sign_in(named), "/staff/held")


def test_who_is_no_longer_named_gives_the_cases_back_and_the_administrator_is_told_where_nobody_is(
    world: tuple[dict[str, Case], dict[str, Staff]], hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient]
) -> None:
    cases, people = world
    admin = hire("Ada Admin", "administrator")
    assert changes.without_anybody_for_protected() == ["kf"]
    client = sign_in(admin)
    client.set_cookie("language", "en")
    assert (
        "Nobody reaches cases of residents with protected personal data in:"
        in client.get("/staff/administration/people").text
    )
    with unit_of_work() as session:
        staff = session.get_one(Staff, people["named"].id)
        facts = changes.Facts(staff.name, staff.email, staff.role, None, {"sb": "handle"}, protected=False)
        assert changes.change(staff, facts, by=admin.as_actor(), now=clock.now()) == 1
    db.session.expire_all()
    assert db.session.get_one(Case, cases["protected"].id).assignee_id is None
