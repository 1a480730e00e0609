"""What happens by itself: who is reminded of what, who counts as gone, which suggestions are carried out."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.numbers import Clock, DaysBy, Percent, Whole
from caseflow.administration.sheets.named import Document, names
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.suggestions import threshold
from caseflow.cases.watch import watch_rules


def watch(document: Document) -> Sheet:
    most = watch_rules.MOST_DAYS
    return Sheet(
        _l("Reminders and absence"),
        (
            Clock(
                ("watch", "morning"),
                _l("On working days. Then cases of who is gone go back, and what is about to be late is passed on."),
                _l("Looked for in the morning from"),
                needed=True,
                width="s",
            ),
            Whole(
                ("watch", "idle_days"),
                _l("0: nobody does."),
                _l("Whole working days without any act after which somebody counts as gone"),
                width="s",
                limit=most,
            ),
            Whole(
                ("watch", "idle_due_within"),
                _l("Only who holds a case that is due within so many working days, or whom a resident waits for."),
                _l("Working days until something is due"),
                width="s",
                limit=most,
            ),
            Whole(
                ("watch", "escalate_before"),
                _l("0: on the day itself."),
                _l("A case without an answer goes to the coordinator so many working days before it is due"),
                width="s",
                limit=most,
            ),
            DaysBy(
                ("watch", "escalate_kinds"),
                _l("Leave a field empty, and the number above counts."),
                _l("Other days for some of what residents want"),
                shape="days",
                limit=most,
                offered=names(document, "kinds"),
            ),
        ),
        _l("What caseflow does by itself, so that nothing is forgotten when somebody is away."),
        defaults={"watch": watch_rules.DEFAULTS},
    )


def suggestions() -> Sheet:
    return Sheet(
        _l("Suggestions"),
        (
            Percent(
                ("suggestions", "apply_above"),
                label=_l("Carry out suggestions that were right in at least so many of 100 cases"),
                check=_a_threshold,
                width="s",
            ),
        ),
    )


def _a_threshold(share: str) -> None:
    try:
        threshold.check({"apply_above": float(share)})
    except ValueError as error:
        lowest = round(threshold.LOWEST * 100)
        raise ValueError(_("Write a number from %(lowest)d to 100, or leave it empty.", lowest=lowest)) from error
