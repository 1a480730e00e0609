"""Which act tells whom, by which channel, in which words. Everything is frozen in the message when it is put."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import force_locale, format_date
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
    if case.reply_by != "email":
        return
    with force_locale(case.language):
        body = render_template("messages/receipt.txt", **_facts(case))
        subject = f"[{case.number}] " + _("We have received your case")
        _put(case, None, "email", "receipt", subject=subject, body=body, now=now)


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


def _send(case: Case, entry: Entry, channel: str, purpose: str, *, now: datetime) -> None:
    if channel == "none":
        return
    with force_locale(case.language):
        if case.department.secret and channel == "email":
            # Secret content never goes by plain e-mail (OSL; IMY): the mail only says that there is something to read.
            subject, body = f"[{case.number}]", render_template("messages/notice.txt", **_facts(case))
        else:
            subject, body = f"[{case.number}] {case.subject}", entry.text
            if channel == "letter":
                body = f"{_greeting(case)}\n\n{body}"
        _put(case, entry, channel, purpose, subject=subject, body=body, now=now)


def _put(
    case: Case, entry: Entry | None, channel: str, purpose: str, *, subject: str, body: str, now: datetime
) -> Message:
    municipality = db.session.get_one(Municipality, 1)
    recipient = _address(case, channel)
    if recipient is None:
        raise NoAddress(f"the case has no address for {channel}")
    generation = 1
    if entry is not None:
        same = (Message.entry_id == entry.id, Message.channel == channel)
        generation += db.session.scalar(sa.select(sa.func.count()).where(*same)) or 0
    frame = _letter_frame(case, entry, municipality, now) if channel == "letter" else _frame(case, entry, municipality)
    message = Message(
        case_id=case.id,
        entry_id=entry.id if entry else None,
        channel=channel,
        purpose=purpose,
        generation=generation,
        language=case.language,
        recipient=recipient,
        subject=case.subject if channel != "email" else subject,
        body=body,
        frame=frame,
        next_attempt_at=now,
        created_at=now,
    )
    if channel == "email":
        message.header_id = f"<{case.number}.{codes.new()[:16].lower()}@{municipality.email.rpartition('@')[2]}>"
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
    day = format_date(clock.local(now, municipality.zone), "d MMMM yyyy")
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
