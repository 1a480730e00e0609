"""What the municipality decides about the resident's own page, as data: see ResidentRules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from caseflow.cases.models import Case, Municipality

DEFAULTS: dict[str, object] = {"reopen_days": 30, "survey_days": 60}
MOST_DAYS = 365


@dataclass(frozen=True)
class ResidentRules:
    """For `reopen_days` after the answer or the end a resident can say that it is not solved; for `survey_days` after
    the end, how it went (0: not asked)."""

    reopen_days: int = 30
    survey_days: int = 60

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> ResidentRules:
        """The rules of a municipality's `residents`; what it does not say is as in DEFAULTS. ValueError in words."""
        unknown = ", ".join(str(name) for name in given if name not in DEFAULTS)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        rules = {**DEFAULTS, **given}
        return cls(**{name: _days(name, rules[name]) for name in ("reopen_days", "survey_days")})

    @classmethod
    def of(cls, municipality: Municipality) -> ResidentRules:
        return cls.from_dict(municipality.residents)

    def may_object(self, case: Case, now: datetime) -> bool:
        """Whether the resident can still say that it is not solved."""
        ended = case.closed_at or case.answered_at
        done = case.status in ("answered", "closed") and case.resolution not in ("withdrawn", "duplicate")
        return bool(done and ended and now < ended + timedelta(days=self.reopen_days))

    def may_rate(self, case: Case, now: datetime) -> bool:
        """Whether the resident is asked how it went: about what we ended, and not about what was taken back."""
        ours = case.closed_at is not None and case.resolution not in ("withdrawn", "duplicate")
        return ours and now < case.closed_at + timedelta(days=self.survey_days)  # type: ignore[operator]  # as `ours` says


def _days(name: str, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST_DAYS:
        raise ValueError(f"{name} must be a whole number of days from 0 to {MOST_DAYS}")
    return number
