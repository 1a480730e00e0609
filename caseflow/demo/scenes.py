"""What lies on the desks of the demo: chosen cases in every state, so that a first look shows the house at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from caseflow.demo.composition import Errand
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import Phrasebook
from caseflow.demo.stories import Act


class Scene(NamedTuple):
    """One case. `due` is in working days from today, None: it came in within the last day.

    `plot` names what has happened (a method of Director); `clerk` is who did it, by the start of the e-mail address;
    `category` is for a plot that speaks of it.
    """

    department: str
    kind: str
    reply_by: str
    due: int | None
    plot: str = "untouched"
    clerk: str = ""
    category: str | None = None


SCENES = (
    # Anna's morning: what is late, what is due, what nobody has taken
    Scene("sb", "felanmalan", "email", -2),
    Scene("sb", "klagomal", "email", -3, "taken", "anna"),
    Scene("ftv", "felanmalan", "phone", -1, "taken_with_note", "anna"),
    Scene("sb", "synpunkt", "email", -1, "taken", "ali"),
    Scene("sb", "felanmalan", "email", 0),
    Scene("sb", "fraga", "phone", 0, "taken", "anna"),
    Scene("ftv", "felanmalan", "email", 0, "nudged", "anna"),
    Scene("sb", "felanmalan", "none", 1),
    Scene("sb", "fraga", "email", 1, "taken_with_note", "anna"),
    Scene("sb", "forslag", "email", 6),
    Scene("sb", "klagomal", "letter", 5, "taken", "anna"),
    Scene("sb", "felanmalan", "email", None),
    Scene("ftv", "felanmalan", "phone", None),
    Scene("sb", "felanmalan", "email", None),
    Scene("sb", "felanmalan", "email", 1, "asked", "anna"),
    Scene("ftv", "fraga", "email", 0, "asked", "anna"),
    Scene("sb", "felanmalan", "email", 2, "planned_and_told", "anna", "sb.vagar"),
    Scene("sb", "felanmalan", "email", 2, "told", "ali", "sb.belysning"),
    Scene("utb", "klagomal", "email", 7, "moved", "eva"),
    Scene("sb", "klagomal", "email", 2, "bounced", "anna"),
    # calls to make, letters to print
    Scene("sb", "fraga", "phone", 0, "answered", "anna"),
    Scene("sb", "felanmalan", "phone", 1, "answered_in_vain", "anna"),
    Scene("ftv", "felanmalan", "phone", 2, "answered", "anna"),
    Scene("sb", "klagomal", "letter", 4, "answered", "anna"),
    Scene("sb", "synpunkt", "letter", 3, "answered", "ali"),
    Scene("ftv", "felanmalan", "letter", 2, "answered", "anna"),
    # letters that went with the last batch
    Scene("sb", "klagomal", "letter", 1, "posted", "anna"),
    Scene("sb", "felanmalan", "letter", -1, "posted", "ali"),
    # the others' desks
    Scene("sb", "felanmalan", "email", -4, "talked_through", "anna"),
    Scene("utb", "klagomal", "email", -1, "taken", "eva"),
    Scene("utb", "fraga", "email", 0),
    Scene("utb", "klagomal", "phone", 3, "asked", "eva"),
    Scene("mb", "klagomal", "email", 2, "planned", "ali"),
    Scene("mb", "fraga", "email", 1),
    Scene("kf", "forslag", "letter", 4, "answered", "eva"),
    Scene("vo", "klagomal", "phone", -1, "taken_with_note", "mirja"),
    Scene("vo", "fraga", "phone", 0, "answered", "mirja"),
    Scene("ifo", "klagomal", "email", 3, "taken", "mirja"),
    Scene("ifo", "fraga", "email", 1),
    Scene("vb", "felanmalan", "email", 2),
    Scene("ls", "handling", "email", 1, "taken", "karin"),
    Scene("vet", "fraga", "email", 1),
    Scene("vet", "klagomal", "email", 6),
)


# From a part (0 to 1) of the office hours between a case's arrival and now to the moment.
When = Callable[[float], float]


class Director:
    """Turns plots into acts between a case's arrival and now, in office hours. `open_to` takes transfers."""

    def __init__(self, phrasebook: Phrasebook, office: OfficeHours, now: float, open_to: Sequence[str]) -> None:
        self._book, self._office, self._now, self._open_to = phrasebook, office, now, open_to
        self._plots: dict[str, Callable[[Errand, int, When], list[Act]]] = {
            "taken": self._taken,
            "taken_with_note": self._taken_with_note,
            "nudged": self._nudged,
            "asked": self._asked,
            "planned": self._planned,
            "planned_and_told": self._planned_and_told,
            "told": self._told,
            "moved": self._moved,
            "bounced": self._bounced,
            "answered": self._answered,
            "answered_in_vain": self._answered_in_vain,
            "posted": self._posted,
            "talked_through": self._talked_through,
        }

    def direct(self, scene: Scene, errand: Errand, clerk: int) -> list[Act]:
        """The acts of the scene; none when there has been no office hour to act in."""
        start = errand.received.timestamp()
        if scene.plot == "untouched" or self._office.between(start, self._now, 0.5) >= self._now:
            return []
        return self._plots[scene.plot](errand, clerk, lambda part: self._office.between(start, self._now, part))

    def _taken(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        return [Act(when(0.2), "assign", clerk, to=clerk)]

    def _taken_with_note(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        return [*self._taken(errand, clerk, when), Act(when(0.6), "note", clerk, self._book.note())]

    def _nudged(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        nudge = self._book.follow_up(errand, "waiting")
        return [*self._taken(errand, clerk, when), Act(when(0.7), "hear", None, nudge)]

    def _asked(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        question = self._book.question(errand, _moment(when(0.5)))
        return [*self._taken(errand, clerk, when), Act(when(0.5), "ask", clerk, question, errand.reply_by)]

    def _planned(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        until = self._office.working_day(self._now, 4 + len(errand.text) % 9).isoformat()
        plan = self._book.plan(errand)
        return [*self._taken(errand, clerk, when), Act(when(0.5), "park", clerk, to=until, reason=plan)]

    def _planned_and_told(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        return [*self._planned(errand, clerk, when), self._publish(errand, clerk, when)]

    def _told(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        return [*self._taken(errand, clerk, when), self._publish(errand, clerk, when)]

    def _publish(self, errand: Errand, clerk: int, when: When) -> Act:
        """Where it is, without the number of somebody's house."""
        return Act(when(0.6), "publish", clerk, self._book.fault(errand), errand.where.rstrip(" 0123456789"))

    def _moved(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        move = self._book.transfer(errand.department, self._open_to)
        taken = self._taken(errand, clerk, when)
        return [*taken, Act(when(0.5), "transfer", clerk, to=move.to, reason=move.text)] if move else taken

    def _bounced(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        answered = self._answered(errand, clerk, when)
        at = answered[-1].at
        return [*answered, Act(at, "close", clerk, to="answered"), Act(at + 4, "bounce", None)]

    def _answered(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        answer = self._book.answer(errand, _moment(when(0.7)))
        return [*self._taken(errand, clerk, when), Act(when(0.7), "reply", clerk, answer, errand.reply_by)]

    def _answered_in_vain(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        return [*self._answered(errand, clerk, when), Act(when(0.85), "call", clerk, to="no_answer")]

    def _posted(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        answer, at = self._book.answer(errand, _moment(when(0.2))), when(0.2)
        answered = [Act(at, "reply", clerk, answer, "letter"), Act(at, "close", clerk, to="answered")]
        begun = self._taken(errand, clerk, lambda part: when(part / 2))
        return [*begun, *answered, Act(max(self._office.later(self._now, -2.1), at), "post", clerk)]

    def _talked_through(self, errand: Errand, clerk: int, when: When) -> list[Act]:
        answer, channel = self._book.answer(errand, _moment(when(0.5))), errand.reply_by
        return [
            *self._taken(errand, clerk, lambda part: when(part / 4)),
            Act(when(0.15), "ask", clerk, self._book.question(errand, _moment(when(0.15))), channel),
            Act(when(0.3), "hear", None, self._book.follow_up(errand, "asked")),
            Act(when(0.35), "note", clerk, self._book.note()),
            Act(when(0.5), "reply", clerk, answer, channel),
            Act(when(0.5), "close", clerk, to="answered"),
            Act(when(0.65), "hear", None, self._book.follow_up(errand, "unsatisfied")),
            Act(when(0.8), "reply", clerk, self._book.answer(errand, _moment(when(0.8))), channel),
        ]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
