"""The first line of the page: one sentence that says whether the promise is kept, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow.statistics.definitions import TARGET
from caseflow.statistics.figures import Figures
from caseflow.statistics.groups import Promise, pulls_down
from caseflow.statistics.wording import before_in_words, in_words, percent_in_words


def sentences(figures: Figures, departments: Mapping[str, str], today: date) -> list[str]:
    """What to say first: the share with its direction, then the department that pulls it down, if one does."""
    said = [_promise_in_words(figures, today)]
    parts = [(code, group.promise) for code, group in figures.by["department"].items()]
    culprit = pulls_down(figures.whole.promise, parts) if figures.whole.promise.share is not None else None
    if culprit:
        said.append(_("%(department)s pulls the share down.", department=departments[culprit]))
    return said


def remarks(promise: Promise) -> list[str]:
    """What a careful reader asks next: how far to the target, and what is not in the share yet."""
    said = []
    if promise.share is not None:
        said.append(_against_target(promise.share))
    if promise.pending:
        said.append(
            ngettext(
                "%(num)d case is not due yet and not counted.",
                "%(num)d cases are not due yet and not counted.",
                promise.pending,
            )
        )
    return said


def _promise_in_words(figures: Figures, today: date) -> str:
    now, period = figures.whole.promise, figures.period
    when = in_words(period, today)
    if not now.decided:
        return _begun(_("No case that wants a reply was answered or fell due %(when)s.", when=when))
    if now.share is None:
        return _begun(
            ngettext(
                "Only %(num)d case that wants a reply was answered or fell due %(when)s: too few for a share.",
                "Only %(num)d cases that want a reply were answered or fell due %(when)s: too few for a share.",
                now.decided,
                when=when,
            )
        )
    return _begun(_compared(now.share, figures.whole.earlier.share, when, before_in_words(period, today)))


def _compared(share: int, earlier: int | None, when: str, before: str) -> str:
    facts = {"share": percent_in_words(share), "when": when, "before": before}
    if earlier is None:
        return _("%(share)s were answered in time %(when)s.", **facts)
    if share == earlier:
        return _("%(share)s were answered in time %(when)s, the same as %(before)s.", **facts)
    if share > earlier:
        return ngettext(
            "%(share)s were answered in time %(when)s, %(num)d percentage point better than %(before)s.",
            "%(share)s were answered in time %(when)s, %(num)d percentage points better than %(before)s.",
            share - earlier,
            **facts,
        )
    return ngettext(
        "%(share)s were answered in time %(when)s, %(num)d percentage point worse than %(before)s.",
        "%(share)s were answered in time %(when)s, %(num)d percentage points worse than %(before)s.",
        earlier - share,
        **facts,
    )


def _against_target(share: int) -> str:
    target = percent_in_words(TARGET)
    if share >= TARGET:
        return _("The target of %(target)s is reached.", target=target)
    return ngettext(
        "The share is %(num)d percentage point below the target of %(target)s.",
        "The share is %(num)d percentage points below the target of %(target)s.",
        TARGET - share,
        target=target,
    )


def _begun(sentence: str) -> str:
    """A sentence may begin with a placeholder that is lower case elsewhere."""
    return sentence[:1].upper() + sentence[1:]
