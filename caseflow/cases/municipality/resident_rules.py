"""What the municipality decides about the resident's own page, as data: see ResidentRules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from caseflow.cases.models import Case, Municipality

DEFAULTS: dict[str, object] = {
    "reopen_days": 30,
    "survey_days": 60,
    "sites": [],
    "proof_bits": 0,
    "forwarding": "",
    "known_faults": False,
}
MOST_DAYS = 365
MOST_BITS = 22  # some four million hashes: many seconds on an old telephone
# http only where nobody listens in between.
_ORIGIN = re.compile(r"(?:https://[a-z0-9-]+(?:\.[a-z0-9-]+)*|http://localhost|http://127\.0\.0\.1)(?::\d{1,5})?", re.I)


@dataclass(frozen=True)
class ResidentRules:
    """For `reopen_days` after the answer or the end a resident can say that it is not solved; for `survey_days` after
    the end, how it went (0: not asked). `sites` are the origins on whose pages the form may stand in a frame.
    `proof_bits`: how much work a browser must prove before an errand is let in unseen (0: none).
    `forwarding`: how a letter reaches who has protected personal data.
    `known_faults`: whether residents are told of known faults everywhere, and not only where a department or category
    says so.
    """

    reopen_days: int = 30
    survey_days: int = 60
    sites: tuple[str, ...] = ()
    proof_bits: int = 0
    forwarding: str = ""
    known_faults: bool = False

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> ResidentRules:
        """The rules of a municipality's `residents`; what it does not say is as in DEFAULTS. ValueError in words."""
        unknown = ", ".join(str(name) for name in given if name not in DEFAULTS)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        rules = {**DEFAULTS, **given}
        sites = rules["sites"]
        if not isinstance(sites, list):
            raise ValueError("sites must be a list")
        days = {name: _days(name, rules[name]) for name in ("reopen_days", "survey_days")}
        bits = rules["proof_bits"]
        if not isinstance(bits, int) or isinstance(bits, bool) or not 0 <= bits <= MOST_BITS:
            raise ValueError(f"proof_bits must be a whole number from 0 to {MOST_BITS}")
        if not isinstance(rules["known_faults"], bool):
            raise ValueError("known_faults must be true or false")
        return cls(
            **days,
            sites=tuple(origin(site) for site in sites),
            proof_bits=bits,
            forwarding=str(rules["forwarding"]),
            known_faults=rules["known_faults"],
        )

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


def origin(site: object) -> str:
    """The site as a Content-Security-Policy names it: https://www.example.org. ValueError for anything else."""
    if not isinstance(site, str) or not _ORIGIN.fullmatch(site):
        raise ValueError(_("Write the site as https://www.example.org, without a path."))
    return site.lower()


def _days(name: str, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST_DAYS:
        raise ValueError(f"{name} must be a whole number of days from 0 to {MOST_DAYS}")
    return number
