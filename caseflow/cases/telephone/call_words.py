"""When a call comes, and what follows one, in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from caseflow import clock
from caseflow.cases import words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.municipality import directory
from caseflow.cases.telephone.call_ladder import Step
from caseflow.cases.telephone.call_list import Waiting


def moment(at: datetime, today: date) -> str:
    """ "today 14:30", "tomorrow 08:00", "Wednesday 2 December 08:00"."""
    day = clock.local(at, directory.municipality().zone).date()
    if day - today not in (timedelta(0), timedelta(1)):
        return words.moment(at)
    time = words.hour(at)
    return _("today %(time)s", time=time) if day == today else _("tomorrow %(time)s", time=time)


def turn(call: Waiting, today: date) -> str:
    """When the turn of a call comes that is not to be made now."""
    when = moment(call.turn, today)
    return _("comes back %(when)s", when=when) if call.comes_back else _("to be called %(when)s", when=when)


def if_nobody_answers(step: Step, today: date) -> str:
    """What the caller is told before the call."""
    if step.again is not None:
        back = _("If nobody answers, the call comes back %(when)s.", when=moment(step.again, today))
        tried = _("An SMS says that we tried.")
        return f"{back} {tried}" if step.notice else back
    if step.channel is not None:
        way = delivery_words.WAY[step.channel]
        return _("If nobody answers this time either, it is sent another way: %(way)s.", way=way)
    return _("If nobody answers this time either, the case goes back to its caseworker.")


def followed(number: str, outcome: str, step: Step | None, today: date) -> str:
    """What the caller is told after it."""
    result = _("%(number)s: %(outcome)s.", number=number, outcome=delivery_words.CALL_OUTCOME[outcome])
    if outcome != "wrong_number" and step is None:
        return result
    return f"{result} {_then(None if outcome == 'wrong_number' else step, today)}"


def _then(step: Step | None, today: date) -> str:
    if step is not None and step.again is not None:
        return _("The call comes back %(when)s.", when=moment(step.again, today))
    if step is not None and step.channel is not None:
        return _("It is sent another way: %(way)s.", way=delivery_words.WAY[step.channel])
    return _("The case is back with its caseworker.")
