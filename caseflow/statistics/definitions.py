"""What each figure means, in the words that stand beside it on the page and in the file."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

# Below this many cases a share or a median says more about chance than about the work (fixmystreet#1957).
MIN_N = 5
# Per cent of the cases that are to be answered in time. The municipality's own target when it can set one (issue 6).
TARGET = 90
# Working days that a case has been open: the first day of each group; the last group has no end.
AGES = (0, 3, 6, 11, 21)


@dataclass(frozen=True)
class Figure:
    """A figure's name, unit, meaning, and the cases that it is counted among: lazy texts in the reader's language."""

    code: str
    name: str
    unit: str
    definition: str
    population: str


_INDEX = _l(
    "What residents answered after their case ended, from very bad (0) over 25, 50 and 75 to very good (100): the mean"
    " of the answers, as in the Swedish service measurement (Servicemätning). Who answers twice counts once. Below five"
    " answers nothing is shown."
)
_ASKED = _l("All answers from the period, in the department that ended the case.")
_ASKED_BY_TEXT = _l("Answers from the period about cases that wanted no call.")
_ASKED_BY_PHONE = _l("Answers from the period about cases that wanted a call.")

_FIGURES = (
    Figure(
        "received",
        _l("Came in"),
        _l("cases"),
        _l("Cases that came in during the period, on the day they came, whichever way they came."),
        _l("All cases that came in during the period."),
    ),
    Figure(
        "again",
        _l("Taken up again"),
        _l("times"),
        _l(
            "An answered or closed case that became work again: the resident wrote, an answer could not be delivered"
            " or a colleague took it up. One case may count several times."
        ),
        _l("All cases, whenever they came in."),
    ),
    Figure(
        "finished",
        _l("Finished"),
        _l("times"),
        _l(
            "A case that stopped being open because it was answered, closed or merged into another. One that is taken"
            " up again and finished once more counts twice."
        ),
        _l("All cases, whenever they came in."),
    ),
    Figure(
        "backlog",
        _l("Open at the end"),
        _l("cases"),
        _l(
            "Cases that were open when the week, month or year ended: those open before, plus what came in and was"
            " taken up again, minus what was finished."
        ),
        _l("All cases, whenever they came in."),
    ),
    Figure(
        "open",
        _l("Open now"),
        _l("cases"),
        _l("Cases that are new, in progress, waiting or planned at this moment, whenever they came in."),
        _l("All cases that are open at this moment."),
    ),
    Figure(
        "overdue",
        _l("Past their date"),
        _l("cases"),
        _l(
            "Open cases whose last day to answer has passed, as the queue shows them. Cases that want no reply and"
            " cases that were answered and taken up again are among them."
        ),
        _l("All cases that are open at this moment."),
    ),
    Figure(
        "in_time",
        _l("Answered in time"),
        _l("per cent"),
        _l(
            "The share whose first answer was sent by the day we promised. A case without an answer counts as missed"
            " when that day has passed, even if it was closed. Cases that are not due yet are left out until they are"
            " answered, and so are cases that the resident withdrew in time and cases merged into another, which are"
            " counted once, in the main case. Automatic receipts are not answers."
        ),
        _l("Cases that came in during the period, want a reply, and are answered or past their day."),
    ),
    Figure(
        "change",
        _l("Change"),
        _l("percentage points"),
        _l("How much the share answered in time has risen or fallen since the period before."),
        _l("The same cases as for answered in time, in the smaller of the two periods."),
    ),
    Figure(
        "median",
        _l("Days to first answer"),
        _l("working days"),
        _l(
            "Half of the answered cases had their first answer within this many working days. The day of arrival is"
            " day 0; what comes in on a free day or after the end of the working day counts from the next working"
            " day, as the promise does."
        ),
        _l("Cases that came in during the period, want a reply, and are answered."),
    ),
    Figure(
        "ninety",
        _l("Nine in ten answered"),
        _l("working days"),
        _l("Nine in ten of the answered cases had their first answer within this many working days."),
        _l("Cases that came in during the period, want a reply, and are answered."),
    ),
    Figure(
        "age",
        _l("Age of what is open"),
        _l("working days"),
        _l("Working days since the case came in, counted as for the first answer. The period does not matter here."),
        _l("All cases that are open at this moment."),
    ),
    Figure("ease", _l("Easy to get help"), _l("index 0–100"), _INDEX, _ASKED),
    Figure("clarity", _l("Clear answers"), _l("index 0–100"), _INDEX, _ASKED_BY_TEXT),
    Figure("treatment", _l("Well treated"), _l("index 0–100"), _INDEX, _ASKED_BY_PHONE),
)
FIGURES = {figure.code: figure for figure in _FIGURES}
