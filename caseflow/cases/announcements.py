"""Which act tells whom, by which channel, in which words. Everything is frozen in the message when it is put."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow import clock, files
from caseflow.accounts.models import Staff
from caseflow.cases import codes, words
from caseflow.cases.files import attachments
from caseflow.cases.models import Case, Entry, Municipality
from caseflow.cases.municipality import directory
from caseflow.cases.post import forwarding
from caseflow.cases.texts import mail_texts
from caseflow.database import db
from caseflow.messages import outbox
from caseflow.messages.channels import sms
from caseflow.messages.models import IncomingMail, Message
from caseflow.messages.sms.numbers import textable
from caseflow.theme import Theme


class NoAddress(ValueError):
    """The case has no contact details for the channel."""


def reachable_by(case: Case) -> tuple[str, ...]:
    """The channels that the case has contact details for; `none` (the own page) always works."""
    channels = [channel for channel in ("email", "phone", "sms", "letter") if address(case, channel)]
    return (*channels, "none")


def receipt(case: Case, *, now: datetime) -> None:
    """An automatic receipt, where the resident wants e-mail; the page shows one to everybody."""
    if case.reply_by == "email":
        put(compose(case, None, channel="email", purpose="receipt", now=now), case)


def parted(case: Case, origin: Case, *, now: datetime) -> None:
    """The receipt of a case that was made of a part of another: by the resident's own channel, with both numbers."""
    if case.reply_by == "none" or address(case, case.reply_by) is None:
        return
    message = compose(case, None, channel=case.reply_by, purpose="receipt", now=now)
    with force_locale(case.language):
        said = _("You wrote to us about more than one thing, in case %(origin)s.", origin=origin.number)
        own = _("We have made a case of its own of one of them. Its number is %(number)s.", number=case.number)
        facts = {"department": _outward_name(case), "date": words.long_date(case.due_on)}
        by_channel = words.BY_CHANNEL[case.reply_by]
        due = _("%(department)s answers no later than %(date)s, %(by_channel)s.", **facts, by_channel=by_channel)
        greeting = "" if case.reply_by == "phone" else f"{_greeting(case)}\n\n"
        message.body = f"{greeting}{said} {own}\n\n{due}"
        about = _("A case of its own")
        message.subject = f"[{case.number}] {about}"
    put(message, case)


def reply(case: Case, entry: Entry, *, channel: str, now: datetime) -> None:
    """The caseworker's answer."""
    _send(case, entry, channel, "reply", now=now)


def question(case: Case, entry: Entry, *, channel: str, now: datetime) -> None:
    """The caseworker's question."""
    _send(case, entry, channel, "question", now=now)


def again(case: Case, message: Message, *, channel: str, now: datetime) -> None:
    """The same words by another channel, or once more by the same."""
    entry = db.session.get_one(Entry, message.entry_id)
    if channel != "none":
        put(compose(case, entry, channel=channel, purpose=message.purpose, now=now), case)


def may_say_that_we_called(case: Case, call: Message) -> bool:
    """Whether an SMS about a call in vain can and may be sent, and none has been since the call was to be made."""
    if directory.department(case.department_code).secret or address(case, "sms") is None:
        return False
    told = (Message.case_id == case.id, Message.purpose == "notice", Message.created_at >= call.created_at)
    return db.session.scalar(sa.select(Message.id).where(*told).limit(1)) is None


def tried_to_call(case: Case, *, now: datetime) -> Message:
    """An SMS that says that we tried to call.

    Nobody has answered at the number yet, so it may be a stranger's: its link is without the code.
    """
    return put(compose(case, None, channel="sms", purpose="notice", now=now), case)


def compose(case: Case, entry: Entry | None, *, channel: str, purpose: str, now: datetime) -> Message:
    """The message in the case's language with all that its channel needs, not yet put. Raises `NoAddress`."""
    recipient = address(case, channel)
    if recipient is None:
        raise NoAddress(f"the case has no address for {channel}")
    municipality = directory.known()
    with force_locale(case.language):
        subject, body = _said(case, entry, channel)
        letter = channel == "letter"
        frame = _letter_frame(case, entry, municipality, now) if letter else _frame(case, entry, municipality)
    if channel == "email" and directory.department(case.department_code).secret:
        frame |= {"department": "", "signature": ""}  # who answers tells what it is about
    message = Message(
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
    if not (letter and case.protected):
        return message
    with force_locale(forwarding.AGENCY_SPEAKS):
        around = _in_words(case, forwarding.AGENCY_SPEAKS, municipality, now)
    return forwarding.enveloped(message, case, around, now=now)


def _send(case: Case, entry: Entry, channel: str, purpose: str, *, now: datetime) -> None:
    """Held for a moment, in which its writer can undo it; the own page shows it no sooner."""
    entry.held_until = now + current_app.config["OUTBOX_HOLD"] if current_app.config["OUTBOX_HOLD"] else None
    if channel != "none":
        put(compose(case, entry, channel=channel, purpose=purpose, now=now), case, hold=entry.held_until)


def _said(case: Case, entry: Entry | None, channel: str) -> tuple[str, str]:
    """Subject and body: what was said, or the receipt when nothing was."""
    if channel == "sms":
        return case.number, _texted(case, entry)
    if entry is None:
        return f"[{case.number}] {_fixed('receipt_subject', case)}", f"{_greeting(case)}\n\n{_fixed('receipt', case)}"
    if channel == "letter":
        return case.subject, f"{_greeting(case)}\n\n{entry.text}"
    if channel == "phone":
        return case.subject, entry.text
    if directory.department(case.department_code).secret:
        # Secret content never goes by plain e-mail (OSL; IMY): the mail only says that there is something to read.
        return f"[{case.number}]", _fixed("notice", case)
    return f"[{case.number}] {case.subject}", entry.text


def _texted(case: Case, entry: Entry | None) -> str:
    """What an SMS says: with no entry, that we tried to call. Telephones show it to whoever looks at them."""
    municipality = directory.known().name
    if entry is None:
        return _fixed("sms_notice", case, link=front_door())
    if directory.department(case.department_code).secret:
        facts = {"number": case.number, "municipality": municipality}
        there = _("There is something to read in your case %(number)s at %(municipality)s.", **facts)
        return f"{there} {front_door()}"
    return entry.text + after_sms(case)


def put(message: Message, case: Case, *, hold: datetime | None = None) -> Message:
    """Into the outbox, as the next of its entry by this channel; a mail joins the case's thread."""
    message.hold_until, message.next_attempt_at = hold, hold or message.next_attempt_at
    message.generation = 1
    if message.entry_id is not None:
        same = (Message.entry_id == message.entry_id, Message.channel == message.channel)
        message.generation += db.session.scalar(sa.select(sa.func.count()).where(*same)) or 0
    if message.channel == "email":
        domain = directory.known().email.rpartition("@")[2]
        message.header_id = f"<{case.number}.{codes.new()[:16].lower()}@{domain}>"
        first = message.purpose == "receipt" and case.source == "web"
        message.references = [] if first else _thread(case)
    return outbox.put(message)


def _thread(case: Case) -> list[str]:
    """Message-IDs of the case's earlier mails, ours and the resident's, oldest first (RFC 5322, 3.6.4)."""
    ours = sa.select(Message.header_id, Message.created_at.label("at"), Message.id).where(Message.case_id == case.id)
    theirs = sa.select(IncomingMail.header_id, IncomingMail.at, IncomingMail.id).where(
        IncomingMail.case_id == case.id, IncomingMail.outcome.in_(("heard", "filed"))
    )
    both = sa.union_all(ours, theirs).subquery()
    earlier = sa.select(both.c.header_id).where(both.c.header_id.is_not(None)).order_by(both.c.at, both.c.id)
    return list(db.session.scalars(earlier))


def address(case: Case, channel: str) -> dict[str, object] | None:
    """Where a message by this channel goes; None when the case does not say."""
    if channel == "email" and case.email:
        return {"name": case.name, "email": case.email}
    if channel == "phone" and case.phone:
        return {"name": case.name, "phone": case.phone, "best_time": case.best_time}
    if channel == "sms" and case.phone and sms.offered(current_app.config) and textable(case.phone):
        return {"name": case.name, "phone": case.phone}
    if channel == "letter" and (lines := address_lines(case)):
        return {"lines": lines}
    return None


def address_lines(case: Case) -> list[str]:
    """The case's postal address as it stands in the window; empty when a part is missing. Of who has protected personal
    data it is the tax agency's, which forwards it."""
    if case.protected:
        return forwarding.lines()
    if not (case.name and case.street and case.postcode and case.town):
        return []
    care_of = [f"c/o {case.care_of}"] if case.care_of else []
    place = f"{words.postcode_in_words(case.postcode)}  {case.town.upper()}"
    return [case.name, *care_of, case.street, place]


def _fixed(code: str, case: Case, *, language: str | None = None, **other: str) -> str:
    """One of the fixed texts, about this case and in its language; `other` facts stand instead of the usual ones."""
    municipality = directory.known()
    facts = {
        "number": case.number,
        "department": _outward_name(case),
        "municipality": municipality.name,
        "link": link(case),
        "code": codes.grouped(case.code),
        "due": words.long_date(case.due_on),
        "by_channel": str(words.BY_CHANNEL[case.reply_by]),
    }
    return mail_texts.said(code, language or case.language, municipality.mail_texts, **{**facts, **other})


def _outward_name(case: Case) -> str:
    """Who answers, as a mail may say it: that somebody has a matter with the social services is itself a secret."""
    department = directory.department(case.department_code)
    return directory.known().name if department.secret else department.name(case.language)


def around(case: Case) -> dict[str, str]:
    """What stands before and after what somebody writes, in the case's language when that is forced."""
    return {"greeting": _greeting(case), "closing": _fixed("closing", case)}


def after_sms(case: Case) -> str:
    """What ends each SMS: who writes, and about which case."""
    municipality = directory.known().name
    about = _("case %(number)s", number=case.number)
    return f"\n\n{municipality}, {about}"


def link(case: Case) -> str:
    """The address of the resident's own page; it holds the code and is a secret of the resident's."""
    return f"{current_app.config['BASE_URL']}/case/{case.code}"


def _logo(municipality: Municipality) -> dict[str, object] | None:
    """The letterhead, frozen by its content."""
    if not municipality.logo:
        return None
    kept = files.keep(str(municipality.logo["svg"]).encode(), current_app.config)
    return {"file": kept, "alt": municipality.logo["alt"], "names": municipality.logo["names"]}


def front_door() -> str:
    """Where a case is opened by its number and code: an address that is no secret."""
    return f"{current_app.config['BASE_URL']}/case/"


def letter_date(day: date) -> str:
    """The day as a letter is dated: 23 november 2026."""
    return words.written(day, "d MMMM yyyy")


def _frame(case: Case, entry: Entry | None, municipality: Municipality) -> dict[str, object]:
    """What stands around the body of a mail or a call."""
    author = db.session.get(Staff, entry.author_id) if entry and entry.author_id else None
    return {
        "sender_name": municipality.name,
        **Theme.of(municipality).in_mail(),
        "sender_email": municipality.email,
        "mailbox": municipality.mailbox or "",
        "greeting": _greeting(case),
        "closing": _fixed("closing", case),
        "signature": author.name if author else "",
        "department": directory.department(case.department_code).name(case.language),
        "case_number": case.number,
        "link": link(case),
        "footer": _fixed("footer", case),
        "attachments": _attached(case, entry),
    }


def _attached(case: Case, entry: Entry | None) -> list[dict[str, object]]:
    """The files that go with it; secret ones are fetched from the own page, as the text is."""
    if entry is None or directory.department(case.department_code).secret:
        return []
    return [upload.facts() for upload in attachments.of_entry(entry)]


def _greeting(case: Case) -> str:
    return mail_texts.greeting(case.language, directory.known().mail_texts, case.name)


def _letter_frame(case: Case, entry: Entry | None, municipality: Municipality, now: datetime) -> dict[str, object]:
    """The fields of `typesetting.Letter` besides the text: see there for what each is."""
    base = _frame(case, entry, municipality)
    enclosed = [upload.facts() for upload in attachments.of_entry(entry)] if entry else []
    return {
        "sender_name": municipality.name,
        "accent": Theme.of(municipality).light.accent,
        "sender_lines": [
            municipality.street,
            f"{words.postcode_in_words(municipality.postcode)} {municipality.town}",
        ],
        "sender_contact": [words.phone_in_words(municipality.phone), municipality.email],
        "case_number": case.number,
        **_in_words(case, case.language, municipality, now),
        "signature_name": base["signature"],
        "link": front_door(),
        "code": codes.grouped(case.code),
        "link_note": _fixed("letter_note", case),
        "logo": _logo(municipality),
        "qr": link(case),
        "attachments": [str(one["name"]) for one in enclosed],
        "enclosed": enclosed,
        "envelope": municipality.envelope,
    }


def _in_words(case: Case, language: str, municipality: Municipality, now: datetime) -> dict[str, object]:
    """What of a letter is in a language, when that is forced."""
    return {
        "date": letter_date(clock.today(now, municipality.zone)),
        "closing": _fixed("closing", case, language=language),
        "signature_department": directory.department(case.department_code).name(language),
        "words": {
            "case": _("Case"),
            "date": _("Date"),
            "caseworker": _("Caseworker"),
            "page": _("Page %(page)s (%(pages)s)", page="%(page)s", pages="%(pages)s"),
            "enclosures": _("Enclosures"),
            "qr": _("QR code to the own page of the case"),
        },
    }
