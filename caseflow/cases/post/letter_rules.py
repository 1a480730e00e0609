"""When letters leave: the municipality's cut-off, and what it takes to call a letter posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from caseflow.cases.deadlines import Calendar

KNOWN = ("cut_off", "posted_when_handed_over")
# Holidays of a country that stand in a row are fewer.
LOOK_BACK = 14


@dataclass(frozen=True)
class LetterRules:
    """At `cut_off` on working days, local time, all letters that wait become batches; None leaves that to people.

    `posted_when_handed_over`: whoever takes the batches (a printing house) posts them too, so that they count as
    posted when they are taken over; else a person says when they are in the mail.
    """

    cut_off: time | None = None
    posted_when_handed_over: bool = False

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> LetterRules:
        """The rules of a municipality's `letters`; ValueError in words."""
        unknown = ", ".join(str(name) for name in given if name not in KNOWN)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        cut_off, posted = given.get("cut_off"), given.get("posted_when_handed_over", False)
        if not (cut_off is None or isinstance(cut_off, str)) or not isinstance(posted, bool):
            raise ValueError('cut_off must be a time in quotes ("15:00") and posted_when_handed_over true or false')
        return cls(time.fromisoformat(cut_off) if cut_off else None, posted)

    def last_cut_off(self, now: datetime, calendar: Calendar) -> tuple[date, datetime] | None:
        """The latest cut-off that has come: its day and its moment in UTC; None without one.

        A time that the clock skips in spring comes when it would have come; of one that it shows twice in autumn it is
        the first (PEP 495, fold 0).
        """
        today = now.astimezone(calendar.zone).date()
        for day in (today - timedelta(days=back) for back in range(LOOK_BACK)):
            moment = datetime.combine(day, self.cut_off, calendar.zone).astimezone(UTC) if self.cut_off else None
            if moment and moment <= now and calendar.is_working_day(day):
                return day, moment
        return None
