"""Which act tells whom, by which channel, in which words. Everything is frozen in the message when it is put."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import codes, words
from caseflow.cases.models import Case, Department, Entry, Municipality
from caseflow.database import db
from caseflow.messages import outbox
from caseflow.messages.models import Message


class NoAddress(ValueError):
    """The case has no contact details for the channel."""


def reachable_by(case: Case) -> tuple[str, ...]:
    """The channels that the case has contact details for; `none` (the own page) always works."""
    channels = [channel for channel in ("email", "phone", "letter") if _address(case, channel)]
    return (*channels, "none")


def receipt(case: Case, *, now: datetime) -> None:
    """An automatic receipt, where the resident wants e-mail; the page shows one to everybody."""
    if case.reply_by == "email":
        _put(compose(case, None, channel="email", purpose="receipt", now=now), case)


def reply(case: Case, entry: Entry, *, channel: str, now: datetime) -> None:
    """The caseworker's answer."""
    _send(case, entry, channel, "reply", now=now)


def question(case: Case, entry: Entry, *, channel: str, now: datetime) -> None:
    """The caseworker's question."""
    _send(case, entry, channel, "question", now=now)


def again(case: Case, message: Message, *, channel: str, now: datetime) -> None:
    """The same words by another channel, or once more by the same."""
    entry = db.session.get_one(Entry, message.entry_id)
    _send(case, entry, channel, message.purpose, now=now)


def compose(case: Case, entry: Entry | None, *, channel: str, purpose: str, now: datetime) -> Message:
    """The message in the case's language with all that its channel needs, not yet put. Raises `NoAddress`."""
    recipient = _address(case, channel)
    if recipient is None:
        raise NoAddress(f"the case has no address for {channel}")
    municipality = db.session.get_one(Municipality, 1)
    with force_locale(case.language):
        subject, body = _said(case, entry, channel)
        letter = channel == "letter"
        frame = _letter_frame(case, entry, municipality, now) if letter else _frame(case, entry, municipality)
    return Message(
        case_id=case.id,
        entry_id=entry.id if entry else None,
        channel=channel,
        purpose=purpose,
        language=case.language,
        recipient=recipient,
        subject=subject,
        body=body,
        frame=frame,
        next_attempt_at=now,
        created_at=now,
    )


def _send(case: Case, entry: Entry, channel: str, purpose: str, *, now: datetime) -> None:
    if channel != "none":
        _put(compose(case, entry, channel=channel, purpose=purpose, now=now), case)


def _said(case: Case, entry: Entry | None, channel: str) -> tuple[str, str]:
    """Subject and body: what was said, or the receipt when nothing was."""
    if entry is None:
        return f"[{case.number}] " + _("We have received your case"), render_template(
            "messages/receipt.txt", **_facts(case)
        )
    if channel == "letter":
        return case.subject, f"{_greeting(case)}\n\n{entry.text}"
    if channel == "phone":
        return case.subject, entry.text
    if db.session.get_one(Department, case.department_code).secret:
        # Secret content never goes by plain e-mail (OSL; IMY): the mail only says that there is something to read.
        return f"[{case.number}]", render_template("messages/notice.txt", **_facts(case))
    return f"[{case.number}] {case.subject}", entry.text


def _put(message: Message, case: Case) -> Message:
    """Into the outbox, as the next of its entry by this channel; a mail joins the case's thread."""
    message.generation = 1
    if message.entry_id is not None:
        same = (Message.entry_id == message.entry_id, Message.channel == message.channel)
        message.generation += db.session.scalar(sa.select(sa.func.count()).where(*same)) or 0
    if message.channel == "email":
        domain = db.session.get_one(Municipality, 1).email.rpartition("@")[2]
        message.header_id = f"<{case.number}.{codes.new()[:16].lower()}@{domain}>"
        message.references = _thread(case)
    return outbox.put(message)


def _thread(case: Case) -> list[str]:
    """Message-IDs of the case's earlier mails, oldest first (RFC 5322, 3.6.4)."""
    earlier = sa.select(Message.header_id).where(Message.case_id == case.id, Message.header_id.is_not(None))
    return [header for header in db.session.scalars(earlier.order_by(Message.id)) if header]


def _address(case: Case, channel: str) -> dict[str, object] | None:
    if channel == "email" and case.email:
        return {"name": case.name, "email": case.email}
    if channel == "phone" and case.phone:
        return {"name": case.name, "phone": case.phone, "best_time": case.best_time}
    if channel == "letter" and case.name and case.street and case.postcode and case.town:
        care_of = [f"c/o {case.care_of}"] if case.care_of else []
        place = f"{words.postcode_in_words(case.postcode)}  {case.town.upper()}"
        return {"lines": [case.name, *care_of, case.street, place]}
    return None


def _facts(case: Case) -> dict[str, object]:
    return {
        "case": case,
        "department": db.session.get_one(Department, case.department_code).name(case.language),
        "municipality": db.session.get_one(Municipality, 1),
        "link": link(case),
        "code": codes.grouped(case.code),
        "by_channel": words.BY_CHANNEL[case.reply_by],
    }


def link(case: Case) -> str:
    """The address of the resident's own page; it holds the code and is a secret of the resident's."""
    return f"{current_app.config['BASE_URL']}/case/{case.code}"


def letter_date(day: date) -> str:
    """The day as a letter is dated: 23 november 2026."""
    return words.written(day, "d MMMM yyyy")


def _frame(case: Case, entry: Entry | None, municipality: Municipality) -> dict[str, object]:
    """What stands around the body of a mail or a call."""
    author = db.session.get(Staff, entry.author_id) if entry and entry.author_id else None
    return {
        "sender_name": municipality.name,
        "sender_email": municipality.email,
        "greeting": _greeting(case),
        "closing": _("Kind regards"),
        "signature": author.name if author else "",
        "department": db.session.get_one(Department, case.department_code).name(case.language),
        "case_number": case.number,
        "link": link(case),
        "footer": _("Read and add to your case:"),
    }


def _greeting(case: Case) -> str:
    return str(_("Hello %(name)s,", name=case.name) if case.name else _("Hello,"))


def _letter_frame(case: Case, entry: Entry | None, municipality: Municipality, now: datetime) -> dict[str, object]:
    """The fields of `typesetting.Letter` besides the text: see there for what each is."""
    base = _frame(case, entry, municipality)
    day = letter_date(clock.today(now, municipality.zone))
    return {
        "sender_name": municipality.name,
        "sender_lines": [
            municipality.street,
            f"{words.postcode_in_words(municipality.postcode)} {municipality.town}",
        ],
        "sender_contact": [words.phone_in_words(municipality.phone), municipality.email],
        "case_number": case.number,
        "date": day,
        "closing": base["closing"],
        "signature_name": base["signature"],
        "signature_department": base["department"],
        "link": f"{current_app.config['BASE_URL']}/case/",
        "code": codes.grouped(case.code),
        "link_note": _("Read and add to your case at this address, with the case number and the code:"),
        "words": {
            "case": _("Case"),
            "date": _("Date"),
            "caseworker": _("Caseworker"),
            "page": _("Page %(page)s (%(pages)s)", page="%(page)s", pages="%(pages)s"),
        },
        "envelope": municipality.envelope,
    }
