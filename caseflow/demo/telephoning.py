"""What follows a call in vain in a generated case: the same as `call_ladder` says, without asking the database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from flask import current_app

from caseflow.cases.models import Municipality
from caseflow.cases.municipality import directory
from caseflow.cases.telephone import call_windows
from caseflow.cases.telephone.call_hours import CallHours
from caseflow.cases.telephone.call_ladder import TOLD_BY_SMS, UNANSWERED
from caseflow.messages.channels import sms
from caseflow.messages.sms.numbers import textable


class Telephoning:
    """The municipality's rules, and for whom they allow an SMS."""

    def __init__(self, municipality: Municipality) -> None:
        self._hours = CallHours.of(municipality)
        self._secret = {department.code for department in directory.departments() if department.secret}
        self._texts = sms.offered(current_app.config)
        self._textable = lru_cache(maxsize=4096)(textable)

    def again(self, outcome: str, tried: int, at: float, best_time: str | None) -> datetime | None:
        """When the call comes back after the `tried`-th time in vain, in UTC; a story never comes to the last step."""
        if outcome not in UNANSWERED or tried > len(self._hours.rules.ladder):
            return None
        earliest = datetime.fromtimestamp(at, UTC) + self._hours.rules.ladder[tried - 1]
        return self._hours.next_turn(earliest, call_windows.read(best_time))

    def tells_by_sms(self, outcome: str, tried: int, department: str, phone: str) -> bool:
        """Whether an SMS then says that somebody called."""
        due = outcome in TOLD_BY_SMS and 0 < self._hours.rules.notice_after <= tried
        return due and self._texts and department not in self._secret and self._textable(phone)
