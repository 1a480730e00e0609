"""What a mail changes, in the running unit of work: words in a case, a new case, a quiet note, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow import files, scanner
from caseflow.audit import RESIDENT, SYSTEM, Actor, record
from caseflow.cases import contact, lifecycle
from caseflow.cases.models import Case, Entry, Kind, Municipality
from caseflow.cases.relations import family
from caseflow.database import db
from caseflow.mailroom.placing import House, answers_staff_mail, case_of, is_our_own, knows, message_of
from caseflow.mailroom.reading import Incoming
from caseflow.mailroom.tongues import language_of
from caseflow.messages.models import Attachment, IncomingMail

TEXT_LENGTH = 20_000  # characters, as on the forms
# New cases of one sender in an hour, and automatic receipts to one in a day (RFC 3834, 2: a robot answers seldom).
CASES_AN_HOUR, RECEIPTS_A_DAY = 10, 1
# Mail that lay for longer before it was found is no new errand, but an old mailbox that was connected.
OLD = timedelta(days=7)


def keep_files(mail: Incoming, config: Mapping[str, Any]) -> list[Attachment]:
    """The mail's files, stored, as rows that do not know their case yet."""
    return [
        Attachment(
            name=one.name, media_type=one.media_type, size=len(one.content), sha256=files.keep(one.content, config)
        )
        for one in mail.attachments
    ]


def without_viruses(mail: Incoming, config: Mapping[str, Any]) -> Incoming:
    """The mail without the files in which the scanner finds something, by their names. Raises `scanner.Away`.

    The mail's own bytes stay as they came: for who must look into it, with the right tools.
    """
    bad = [one for one in mail.attachments if scanner.finding(one.content, config)]
    clean = tuple(one for one in mail.attachments if one not in bad)
    return replace(mail, attachments=clean, removed=tuple(one.name for one in bad)) if bad else mail


def act(row: IncomingMail, mail: Incoming, kept: Sequence[Attachment], house: House, *, now: datetime) -> None:
    """Decide, do it, and write down in the row what was done."""
    if mail.sort == "bounce":
        _bounced(row, mail, house)
    elif is_our_own(mail):
        row.outcome, row.note = "ignored", "ours"
    elif _known_already(mail):
        row.outcome, row.note = "ignored", "duplicate"
    elif mail.sort != "letter":
        _automatic(row, mail, house, now)
    elif why := _doubt(mail, house):
        row.outcome, row.note = "held", why
    elif case_id := case_of(mail, house):
        _heard(row, mail, kept, case_id, now)
    elif answers_staff_mail(mail):
        row.outcome, row.note = "held", "staff"
    else:
        _filed(row, mail, kept, now)


def file(row: IncomingMail, mail: Incoming, kept: Sequence[Attachment], *, by: Actor, now: datetime) -> Case:
    """A person has decided that a held mail is a new errand."""
    case = lifecycle.receive(_errand(mail), by=by, now=row.at, receipt=False)
    _decided(row, by, now, "filed", case.id)
    _attach(kept, row, now)
    return case


def put_on(
    row: IncomingMail, mail: Incoming, kept: Sequence[Attachment], case_id: int, *, by: Actor, now: datetime
) -> None:
    """A person has decided which case a held mail belongs to."""
    _heard(row, mail, kept, case_id, now)
    _decided(row, by, now, "heard", case_id)


def _decided(row: IncomingMail, by: Actor, now: datetime, outcome: str, case_id: int) -> None:
    row.outcome, row.case_id = outcome, case_id
    record("mail", row.id, outcome, by=by, at=now, case=case_id)


def _bounced(row: IncomingMail, mail: Incoming, house: House) -> None:
    """The outbox has been told by now (ingest): here it is written down."""
    message = message_of(mail, house)
    assert mail.bounce is not None
    row.note = mail.bounce.reason
    if message is None:
        row.outcome = "held"
        return
    row.message_id, row.case_id = message.id, message.case_id
    row.outcome = {"lost": "bounce", "delayed": "delay"}.get(mail.bounce.fate, "automatic")


def _automatic(row: IncomingMail, mail: Incoming, house: House, now: datetime) -> None:
    """A robot's answer is a quiet fact of its case, and wakes nobody. What may be a person's words after all, or a
    notice of another authority, is for a person to see."""
    row.case_id, row.outcome, row.note = case_of(mail, house), "automatic", mail.because or mail.sort
    if mail.because == "X-Auto-Response-Suppress" or (mail.because == "From" and row.case_id is None):
        row.outcome, row.note = "held", "robot"
    elif row.case_id is not None and mail.sort == "automatic":
        record("case", row.case_id, "auto_reply", by=SYSTEM, at=now, mail=row.id)


def _doubt(mail: Incoming, house: House) -> str | None:
    """Why a person must look first: nobody is to answer ourselves, and nobody what was not read."""
    if house.wrote(mail):
        return "own_address"
    return None if mail.readable else "unreadable"


def _heard(row: IncomingMail, mail: Incoming, kept: Sequence[Attachment], case_id: int, now: datetime) -> None:
    """The words, in the case; from an unknown address they are marked, since somebody else may have been shown ours."""
    case = family.locked_whole(case_id)
    text = _said(mail.text, mail, case.language)
    entry = lifecycle.hear(case, text, by=RESIDENT, now=now, submission=_submission(mail))
    if not knows(case, mail):
        record("case", case.id, "another_sender", by=SYSTEM, at=now, entry=entry.id, mail=row.id)
    row.outcome, row.case_id, row.entry_id = "heard", case.id, entry.id
    _attach(kept, row, now)


def _filed(row: IncomingMail, mail: Incoming, kept: Sequence[Attachment], now: datetime) -> None:
    """A new case through the same routing; it came in when it reached the mailbox (Förvaltningslagen, 22 §)."""
    if why := _too_much(row, mail, now):
        row.outcome, row.note = "held", why
        return
    # The sender has had a receipt today: two robots that answer each other stop here.
    quiet = _filed_since(mail, row.at - timedelta(days=1)) >= RECEIPTS_A_DAY
    case = lifecycle.receive(_errand(mail), by=RESIDENT, now=row.at, receipt=not quiet)
    row.outcome, row.case_id = "filed", case.id
    _attach(kept, row, now)


def _too_much(row: IncomingMail, mail: Incoming, now: datetime) -> str | None:
    """A flood is not turned into cases, and not thrown away."""
    if row.at < now - OLD:
        return "old"
    # Mails of one sender one after the other, so that all are counted.
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(mail.sender, 0))))
    many = _filed_since(mail, row.at - timedelta(hours=1)) >= CASES_AN_HOUR
    return "flood" if many else None


def _filed_since(mail: Incoming, since: datetime) -> int:
    mine = (IncomingMail.sender == (mail.sender or None), IncomingMail.at > since, IncomingMail.outcome == "filed")
    return db.session.scalar(sa.select(sa.func.count()).where(*mine)) or 0


def _errand(mail: Incoming) -> lifecycle.Errand:
    municipality = db.session.get_one(Municipality, 1)
    whole = "\n\n".join(part for part in (mail.text, mail.quoted) if part)
    language = language_of(f"{mail.subject} {mail.text}", municipality.languages)
    said = _said(whole, mail, language)
    known = mail.subject and mail.subject.lower() not in said[: len(mail.subject) + 20].lower()
    email = _usable(mail.sender)
    return lifecycle.Errand(
        kind=_usual_kind(),
        description=f"{mail.subject}\n\n{said}" if known else said,
        language=language,
        reply_by="email" if email else "none",
        submission=_submission(mail),
        name=mail.sender_name or (None if email else mail.sender or None),
        email=email,
        source="email",
    )


def _usable(address: str) -> str | None:
    try:
        return contact.email(address)
    except contact.Unusable:
        return None


def _usual_kind() -> str:
    """What a mail asks for is not guessed: it is of the kind that the municipality lists first."""
    return db.session.scalars(sa.select(Kind.code).order_by(Kind.listed.desc(), Kind.position).limit(1)).one()


def _said(text: str, mail: Incoming, language: str) -> str:
    """The words as the case keeps them; never nothing."""
    with force_locale(language):
        if mail.removed:
            told = _("(Removed, because our virus scanner found something: %(names)s)", names=", ".join(mail.removed))
            text = f"{text[: TEXT_LENGTH - 1000]}\n\n{told[:900]}".strip()
        if not text.strip():
            return _("(The mail has no text, only files.)") if mail.attachments else _("(The mail has no text.)")
        if len(text) > TEXT_LENGTH:
            return text[:TEXT_LENGTH].rstrip() + "\n\n" + _("(The mail is longer than this.)")
    return text


def _attach(kept: Sequence[Attachment], row: IncomingMail, now: datetime) -> None:
    for file in kept:
        file.case_id, file.entry_id, file.incoming_id, file.at = row.case_id or 0, row.entry_id, row.id, now
        db.session.add(file)


def _known_already(mail: Incoming) -> bool:
    """The same mail by another way (a pipe and IMAP, two recipients): the servers' own headers differ, it does not."""
    words = (
        sa.select(Entry.id).where(Entry.submission == _submission(mail)),
        sa.select(Case.id).where(Case.submission == _submission(mail)),
    )
    return any(db.session.scalar(query) is not None for query in words)


def _submission(mail: Incoming) -> str:
    return f"mail:{mail.mark}"
