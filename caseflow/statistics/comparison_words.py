"""What a comparison says at a glance: one sentence for each side, then what is better and what is worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow.statistics.comparison import Comparison, Line, Side
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.wording import percent_in_words


@dataclass(frozen=True)
class Summary:
    """`untold` are the figures that cannot be compared, because there are too few cases."""

    sentence: str
    better: Sequence[str]
    worse: Sequence[str]
    untold: int


def summary(compared: Comparison, side: Side) -> Summary:
    lines = list(compared.of(side))
    named = {better: [str(FIGURES[line.code].name) for line in lines if _is(line, better)] for better in (True, False)}
    untold = sum(line.difference.number is None and line.now.n + line.then.n > 0 for line in lines)
    promise = next(line for line in lines if line.code == "in_time")
    return Summary(_sentence(promise), named[True], named[False], untold)


def _is(line: Line, better: bool) -> bool:
    return line.difference.better is better


def _sentence(line: Line) -> str:
    if not line.now.n:
        return _("No case was answered or fell due.")
    if line.now.value is None and line.now.enough:
        return _("The share answered in time is kept back.")
    if line.now.value is None:
        return ngettext(
            "Only %(num)d case was answered or fell due: too few for a share.",
            "Only %(num)d cases were answered or fell due: too few for a share.",
            line.now.n,
        )
    share = percent_in_words(line.now.value)
    if line.then.value is None:
        return _("%(share)s answered in time; of the other period there is too little to compare with.", share=share)
    before, number = percent_in_words(line.then.value), line.difference.number or 0
    if not number:
        return _("%(share)s answered in time, the same as in the other period.", share=share)
    facts = {"share": share, "before": before}
    if number > 0:
        return ngettext(
            "%(share)s answered in time, %(num)d percentage point better than %(before)s.",
            "%(share)s answered in time, %(num)d percentage points better than %(before)s.",
            number,
            **facts,
        )
    return ngettext(
        "%(share)s answered in time, %(num)d percentage point worse than %(before)s.",
        "%(share)s answered in time, %(num)d percentage points worse than %(before)s.",
        -number,
        **facts,
    )
