"""The forms in the rows of the list of deliveries."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import Form

from caseflow.cases.delivery import delivery_words, refusals
from caseflow.cases.models import Case
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import reason_field
from caseflow.cases.screen.forms import RedirectionForm
from caseflow.messages.models import Message


class HandlingForm(Form):
    """For one message in trouble: somebody has seen to it in some other way."""

    note = reason_field(_l("Say what was done, so that a colleague can follow it."), _l("What was done"))


def another_way(case: Case, message: Message, today: date) -> RedirectionForm:
    """The ways that are left, each with its address; the one that has failed only with another address than then.

    What speaks for it is chosen: the same channel where the address was corrected meanwhile, else the first.
    """
    form = RedirectionForm(None, case=case, desk=Desk(today, {}, {}))
    ways = [(code, delivery_words.address_of(case, code)) for code, *_label in form.channel.iter_choices()]
    corrected = (message.channel, delivery_words.address_of(case, message.channel)) in ways and moved(case, message)
    left = [(code, there) for code, there in ways if code != message.channel or corrected]
    form.channel.choices = [(code, _named(code, there)) for code, there in left]
    form.channel.data = message.channel if corrected else next((code for code, _there in left), None)
    form.mark(f"redirect-{message.id}")
    return form


def moved(case: Case, message: Message) -> bool:
    """Whether the case has another address for the channel than the one that the message was sent to."""
    kept = message.recipient
    match message.channel:
        case "email":
            return case.email != kept.get("email")
        case "letter":
            lines = kept.get("lines")
            there = " ".join(str(line) for line in lines) if isinstance(lines, list) else ""
            parts = (case.name, case.street, case.postcode, case.town)
            return any(_plain(part) not in _plain(there) for part in parts)
    return case.phone != kept.get("phone")


def warning(message: Message) -> bool:
    """Whether sending the same to the same address would most likely be in vain."""
    return refusals.again_in_vain(message.status, message.error)


def _named(code: str, there: str) -> str:
    return f"{delivery_words.WAY[code]}: {there}" if there else str(delivery_words.WAY[code])


def _plain(text: str | None) -> str:
    return "".join((text or "").split()).casefold()
