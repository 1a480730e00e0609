"""What each figure means, in the words that stand beside it on the page and in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

# Below this many cases a share or a median says more about chance than about the work (fixmystreet#1957).
MIN_N = 5
# Per cent of the cases that are to be answered in time. The municipality's own target when it can set one (issue 6).
TARGET = 90
# Working days that a case has been open: the first day of each group; the last group has no end.
AGES = (0, 3, 6, 11, 21)
# Working days of the Swedish comparison between municipalities (KKiK), and what municipalities promise.
WITHIN = (1, 2, 5, 10)


@dataclass(frozen=True)
class Figure:
    """A figure's name, unit, meaning, and the cases that it is counted among: lazy texts in the reader's language.
    Among fewer than `least` it says nothing: numbers of cases have none, shares and medians MIN_N."""

    code: str
    name: str
    unit: str
    definition: str
    population: str
    least: int = 0


_INDEX = _l(
    "What residents answered after their case ended, from very bad (0) over 25, 50 and 75 to very good (100): the mean"
    " of the answers, as in the Swedish service measurement (Servicemätning). Who answers twice counts once. Below five"
    " answers nothing is shown."
)
_ASKED = _l("All answers from the period, in the department that ended the case.")
_ASKED_BY_TEXT = _l("Answers from the period about cases that wanted no call.")
_ASKED_BY_PHONE = _l("Answers from the period about cases that wanted a call.")

_DECIDED = _l("Cases that came in during the period, want a reply, and are answered or past their day.")
_ENDED = _l("Cases that were finished for the first time during the period.")

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
            "Cases that were open when the week, month or year ended: those open before, plus what came in, was taken"
            " up again or passed on from another department, minus what was finished or passed on to another."
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
        _DECIDED,
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
    Figure(
        "moved_in",
        _l("Passed on to us"),
        _l("times"),
        _l("An open case that another department passed on to this one. One case may count several times."),
        _l("All cases, whenever they came in."),
    ),
    Figure(
        "moved_out",
        _l("Passed on by us"),
        _l("times"),
        _l("An open case that this department passed on to another one. One case may count several times."),
        _l("All cases, whenever they came in."),
    ),
    *(
        Figure(
            f"within_{days}",
            name,
            _l("per cent"),
            _l(
                "The share whose first answer was sent within so many working days, counted as for the days to first"
                " answer. Cases without an answer count as missed when their promised day has passed. The Swedish"
                " comparison between municipalities (KKiK) asks the same of e-mails; automatic receipts are not"
                " answers."
            ),
            _DECIDED,
        )
        for days, name in (
            (1, _l("Answered within 1 working day")),
            (2, _l("Answered within 2 working days")),
            (5, _l("Answered within 5 working days")),
            (10, _l("Answered within 10 working days")),
        )
    ),
    Figure(
        "at_first",
        _l("Solved at first contact"),
        _l("per cent"),
        _l(
            "The share that was finished with one single answer: the resident was asked nothing, the case was not"
            " passed on, and it was not taken up again within 30 days."
        ),
        _l("Cases that were finished for the first time during the period, and answered by then."),
    ),
    Figure(
        "reopened",
        _l("Taken up again within 30 days"),
        _l("per cent"),
        _l(
            "The share that became work again within 30 days, because the resident wrote, an answer could not be"
            " delivered or a colleague took it up. What was finished less than 30 days ago can still come back."
        ),
        _ENDED,
    ),
    Figure(
        "passed",
        _l("Passed on"),
        _l("per cent"),
        _l("The share that another department took over at least once before it was finished."),
        _ENDED,
    ),
    Figure(
        "passed_twice",
        _l("Passed on more than once"),
        _l("per cent"),
        _l("The share that was passed on twice or more before it was finished."),
        _ENDED,
    ),
    Figure(
        "callbacks",
        _l("Reached within two calls"),
        _l("per cent"),
        _l("The share of answers by phone that reached the resident with the first or the second call."),
        _l("Answers and questions by phone of which the first two calls, or the one that reached somebody, were made."),
    ),
    *(
        Figure(
            f"in_{status}",
            name,
            _l("hours"),
            _l(
                "Half of the cases that left this status in the period had been in it for at most so many hours, nights"
                " and free days included. A case that comes back to the status counts each time."
            ),
            _l("Every time that a case left the status during the period."),
        )
        for status, name in (
            ("new", _l("Time as new")),
            ("in_progress", _l("Time in progress")),
            ("waiting", _l("Time waiting for the resident")),
            ("planned", _l("Time as planned")),
        )
    ),
    Figure(
        "status",
        _l("Open now by status"),
        _l("cases"),
        _l("Open cases by the status that they have at this moment."),
        _l("All cases that are open at this moment."),
    ),
    Figure(
        "answers",
        _l("Answers sent"),
        _l("answers"),
        _l(
            "Answers that a person wrote and that were sent or shown to the resident, by the channel that they went out"
            " by, on the day they were sent. An answer that its writer undid at once does not count."
        ),
        _l("All cases, whenever they came in."),
    ),
    Figure(
        "hours",
        _l("When errands come in"),
        _l("cases"),
        _l("Cases by the weekday and the hour in which they came in, in local time."),
        _l("All cases that came in during the period."),
    ),
    Figure(
        "steps",
        _l("From status to status"),
        _l("times"),
        _l("How often cases went from one status to another during the period."),
        _l("All cases, whenever they came in."),
    ),
    Figure("ease", _l("Easy to get help"), _l("index 0–100"), _INDEX, _ASKED),
    Figure("clarity", _l("Clear answers"), _l("index 0–100"), _INDEX, _ASKED_BY_TEXT),
    Figure("treatment", _l("Well treated"), _l("index 0–100"), _INDEX, _ASKED_BY_PHONE),
)
# Of what is only counted, one is as true as a hundred.
_NUMBERS = (
    *("received", "again", "finished", "backlog", "open", "overdue", "age", "moved_in", "moved_out", "status"),
    *("answers", "hours", "steps"),
)
_NEEDS_ENOUGH = {figure.code for figure in _FIGURES if figure.code not in _NUMBERS}
FIGURES = {figure.code: replace(figure, least=MIN_N) if figure.code in _NEEDS_ENOUGH else figure for figure in _FIGURES}
