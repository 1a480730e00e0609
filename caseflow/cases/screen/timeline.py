"""The acts on a case as one quiet line each, told from the audit events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import JSONB

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.former_contact import FormerContact
from caseflow.cases.models import Case, in_language
from caseflow.cases.screen import checklists
from caseflow.cases.screen.desk import Desk
from caseflow.cases.this_case import THIS
from caseflow.prepared import Prepared

Rows = Sequence[Any]

FIELD = {
    "name": _l("name"),
    "email": _l("e-mail address"),
    "phone": _l("phone number"),
    "best_time": _l("best time to call"),
    "care_of": _l("care of"),
    "street": _l("street"),
    "postcode": _l("postcode"),
    "town": _l("town"),
    "reply_by": _l("how the answer is to come"),
    "notify_by": _l("how the resident is told of news"),
}
# By whom an event was, when no member of staff is named.
OTHERS = {"resident": _l("The resident"), "system": _l("The system")}


@dataclass(frozen=True)
class Act:
    """One event with the name of who did it, and the names that its data refers to by number or code."""

    at: datetime
    verb: str
    who: str
    version: int | None
    reason: str | None
    data: Mapping[str, object]
    people: Mapping[int, str]
    departments: Mapping[str, str]
    own: bool = False
    categories: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[int, str] = field(default_factory=dict)
    before: Mapping[str, str | None] = field(default_factory=dict)  # contact details that the act changed

    def person(self, key: str) -> str:
        return self.people.get(_number(self.data.get(key)), "–")

    def department(self, key: str) -> str:
        code = str(self.data.get(key))
        return self.departments.get(code, code)

    def category(self, key: str) -> str:
        code = str(self.data.get(key))
        return self.categories.get(code, code)

    def step(self) -> str:
        return self.steps.get(_number(self.data.get("step")), "–")

    def way(self, key: str) -> str:
        return str(delivery_words.WAY.get(str(self.data.get(key)), ""))


def _id_in(key: str) -> sa.ColumnElement[int | None]:
    """A person's id in the event's data; NULL where there is none, or something else."""
    is_number = sa.func.jsonb_typeof(Event.data[key]) == sa.literal_column("'number'")
    return sa.case((is_number, sa.cast(Event.data[key].astext, sa.BigInteger)))


# The names behind all ids in an event.
_NAMES = (
    sa.select(sa.func.jsonb_object_agg(Staff.id, Staff.name, type_=JSONB))
    .where(Staff.id.in_([Event.staff_id, _id_in("assignee"), _id_in("assignee_before")]))
    .correlate(Event)
    .scalar_subquery()
)

# What an act changed in the contact details, as it was before.
_BEFORE = (
    sa.select(FormerContact.details)
    .where(FormerContact.case_id == Event.subject_id, FormerContact.version == Event.version, Event.verb == "correct")
    .correlate(Event)
    .scalar_subquery()
)


_ACTS = Prepared(
    sa.select(Event.at, Event.verb, Event.staff_id, Event.actor, Event.version, Event.reason, Event.data)
    .add_columns(_NAMES.label("names"), _BEFORE.label("before"))
    .where(Event.subject == "case", Event.subject_id == THIS.id)
    .order_by(Event.id)
)


def ahead(case: Case) -> Callable[[], Rows]:
    """Asks at once for what `acts` then tells."""
    return _ACTS.later({"case_id": case.id})


def acts(case: Case, desk: Desk, done: Callable[[], Rows] | None = None) -> list[Act]:
    """All that was done to the case, oldest first; `done` is what was asked `ahead`."""
    rows = (done or ahead(case))()
    people = {int(number): name for row in rows for number, name in (row.names or {}).items()}
    steps = checklists.texts(desk.all_steps)
    return [
        Act(
            at=event.at,
            verb=event.verb,
            who=people.get(event.staff_id or 0) or str(OTHERS.get(event.actor, "–")),
            version=event.version,
            reason=event.reason,
            data=event.data,
            people=people,
            departments=desk.departments,
            categories=desk.all_categories,
            steps=steps,
            own=event.staff_id is not None and event.staff_id == event.data.get("assignee"),
            before=event.before or {},
        )
        for event in rows
    ]


def line(act: Act) -> str:
    """The act as a sentence without its reason."""
    told = LINES.get(act.verb)
    return told(act) if told else _("%(who)s: %(verb)s", who=act.who, verb=act.verb)


def why_here(case: Case, language: str) -> str:
    """Why the case lies in its department, in one sentence."""
    because = case.routed
    match because.get("by"):
        case "rule":
            return in_language({code: text for code, text in because.items() if code not in ("by", "word")}, language)
        case "category":
            category = case.category.name(language) if case.category else ""
            return _("The resident chose “%(category)s”.", category=category) if category else _("By its category.")
        case "choice":
            return _("The resident chose the department.")
        case "transfer":
            return _("A colleague moved it here.")
        case "import":
            return _("It lay here in the system from which it was taken over.")
        case "suggestion":
            return _("Closed cases with such words were dealt with here: %(words)s", words=because.get("words", ""))
    return _("Nothing told whose it is, so it waits here to be sorted.")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _received(act: Act) -> str:
    if "imported" in act.data:
        return _moved_in(act)
    source = str(words.SOURCE.get(str(act.data.get("source")), ""))
    if act.data.get("source") == "web":
        return _("The case came in through the web form")
    return _("%(who)s registered the case (%(source)s)", who=act.who, source=source)


def _moved_in(act: Act) -> str:
    facts = {"system": act.data["imported"], "number": act.data.get("reference")}
    if facts["number"]:
        return _("The case was taken over from %(system)s, where its number was %(number)s", **facts)
    return _("The case was taken over from %(system)s", **facts)


def _assigned(act: Act) -> str:
    if act.own:
        return _("%(who)s took the case", who=act.who)
    return _("%(who)s gave the case to %(name)s", who=act.who, name=act.person("assignee"))


def _moved(act: Act) -> str:
    places = {"there": act.department("department"), "here": act.department("department_before")}
    return _("%(who)s moved the case from %(here)s to %(there)s", who=act.who, **places)


def _planned(act: Act) -> str:
    day = words.long_date(date.fromisoformat(str(act.data["until"])))
    return _("%(who)s planned the case for %(day)s", who=act.who, day=day)


def _woke(act: Act) -> str:
    day = words.long_date(date.fromisoformat(str(act.data["planned_for"])))
    return _("The case was planned for %(day)s and is work again", day=day)


def _covered(act: Act) -> str:
    """Back with the department, and why its caseworker does not have it."""
    name, until = act.person("assignee_before"), act.data.get("until")
    if act.data.get("sort") == "idle":
        return _("Back with the department: %(name)s has not been here and somebody waits", name=name)
    if not until:
        return _("Back with the department: %(name)s is away", name=name)
    day = words.long_date(date.fromisoformat(str(until)))
    return _("Back with the department: %(name)s is away until %(day)s", name=name, day=day)


def _escalated(act: Act) -> str:
    day = words.long_date(date.fromisoformat(str(act.data["due"])))
    return _("Escalated to the coordinator: to be answered by %(day)s", day=day)


def _closed(act: Act) -> str:
    if act.data.get("resolution") == "withdrawn" and act.who == str(OTHERS["resident"]):
        return _("The resident took the case back")
    ended = str(words.RESOLUTION.get(str(act.data.get("resolution")), ""))
    return _("%(who)s closed the case: %(resolution)s", who=act.who, resolution=ended)


def _prioritised(act: Act) -> str:
    if act.data.get("priority") == "high":
        return _("%(who)s gave the case high priority", who=act.who)
    return _("%(who)s gave the case normal priority again", who=act.who)


def _categorised(act: Act) -> str:
    if act.data.get("category") is None:
        return _("%(who)s took the category away", who=act.who)
    return _("%(who)s chose the category %(category)s", who=act.who, category=act.category("category"))


def _corrected(act: Act) -> str:
    fields = act.data.get("fields")
    names = ", ".join(_as_it_was(name, act.before) for name in fields) if isinstance(fields, list) else ""
    return _("%(who)s corrected the contact details: %(fields)s", who=act.who, fields=names)


def _as_it_was(name: str, before: Mapping[str, str | None]) -> str:
    """The field, with what stood in it before."""
    called, old = str(FIELD.get(name, name)), before.get(name)
    if name in ("reply_by", "notify_by"):
        old = str(delivery_words.WAY.get(old or "", "")) if old != "none" else _("nothing")
    return _("%(field)s (before: %(old)s)", field=called, old=old) if old else called


def _redirected(act: Act) -> str:
    ways = {"new": act.way("channel"), "old": act.way("channel_before")}
    return _("%(who)s chose another way to send: %(new)s instead of %(old)s", who=act.who, **ways)


def _undelivered(act: Act) -> str:
    facts = {name: str(act.data.get(name)) for name in ("channel", "outcome", "why")}
    told = delivery_words.what_went_wrong(facts["channel"], facts["outcome"], facts["why"])
    if merged := act.data.get("merged"):
        told = _("Case %(number)s, which is merged into this: %(what)s", number=merged, what=told)
    if act.data.get("from") in ("answered", "closed"):
        return _("%(what)s The case was opened again", what=told)
    return told.rstrip(".")


def _called(act: Act) -> str:
    outcome = delivery_words.CALL_OUTCOME.get(str(act.data.get("outcome")), "")
    return _("%(who)s called: %(outcome)s", who=act.who, outcome=outcome)


def _settled(act: Act) -> str:
    if act.data.get("arrived"):
        return _("%(who)s noted that the message arrived", who=act.who)
    return _("%(who)s had the message sent again", who=act.who)


def _resent(act: Act) -> str:
    if act.data.get("outcome") == "queued":
        return _("%(who)s had the message tried again at once", who=act.who)
    return _("%(who)s had the message sent again", who=act.who)


def _recalled(act: Act) -> str:
    return _("%(who)s took back what was to go out: %(way)s", who=act.who, way=act.way("channel"))


def _followed(act: Act) -> str:
    """What became of the main case, as a merged one tells it."""
    if "until" in act.data:
        day = words.long_date(date.fromisoformat(str(act.data["until"])))
        return _("%(who)s planned the main case for %(day)s", who=act.who, day=day)
    if "resolution" in act.data:
        ended = str(words.RESOLUTION.get(str(act.data["resolution"]), ""))
        return _("%(who)s closed the main case: %(resolution)s", who=act.who, resolution=ended)
    if "department" in act.data:
        return _("%(who)s moved the main case to %(there)s", who=act.who, there=act.department("department"))
    return _("%(who)s merged the main case into %(number)s", who=act.who, number=act.data.get("main"))


def _related(act: Act) -> str:
    facts = {"who": act.who, "number": act.data.get("other")}
    match act.data.get("how"):
        case "parent":
            return _("%(who)s made the case a part of %(number)s", **facts)
        case "child":
            return _("%(who)s made %(number)s a part of this case", **facts)
    return _("%(who)s linked the case with %(number)s", **facts)


# One line per verb; what somebody said (reply, ask, note, hear) is a line only where its text is not shown.
LINES: dict[str, Callable[[Act], str]] = {
    "receive": _received,
    "assign": _assigned,
    "release": lambda act: _("%(who)s put the case back to the department", who=act.who),
    "transfer": _moved,
    "ask": lambda act: _("%(who)s asked the resident", who=act.who),
    "park": _planned,
    "resume": lambda act: _("%(who)s took up the case again", who=act.who),
    "wake": _woke,
    "cover": _covered,
    "escalate": _escalated,
    "reply": lambda act: _("%(who)s replied", who=act.who),
    "close": _closed,
    "reopen": lambda act: _("%(who)s opened the case again", who=act.who),
    "note": lambda act: _("%(who)s wrote an internal note", who=act.who),
    "hear": lambda act: _("%(who)s wrote something", who=act.who),
    "correct": _corrected,
    "prioritise": _prioritised,
    "categorise": _categorised,
    "redirect": _redirected,
    "tick": lambda act: _("%(who)s has done “%(step)s”", who=act.who, step=act.step()),
    "untick": lambda act: _("%(who)s marked “%(step)s” as not done", who=act.who, step=act.step()),
    "add_step": lambda act: _("%(who)s added “%(step)s” to the checklist", who=act.who, step=act.step()),
    "remove_step": lambda act: _("%(who)s took “%(step)s” from the checklist", who=act.who, step=act.step()),
    "undelivered": _undelivered,
    "not_solved": lambda act: _("The resident says that it is not solved"),
    "publish": lambda act: _("%(who)s told residents of the fault: “%(title)s”", who=act.who, title=act.data["title"]),
    "unpublish": lambda act: _("%(who)s stopped telling residents of the fault", who=act.who),
    "let_in": lambda act: _("%(who)s let the case in, which had been held as a possible robot's", who=act.who),
    "receipt_undelivered": lambda act: _("The receipt did not get through"),
    "notice_undelivered": lambda act: _("The SMS about our call did not get through"),
    "update_undelivered": lambda act: _("A notice to the resident did not get through"),
    "link_undelivered": lambda act: _("The mail with the link did not get through"),
    "link": lambda act: _("The link to the own page was asked for and sent again"),
    "call": _called,
    "notice": lambda act: _("An SMS told the resident that we had tried to call"),
    "auto_reply": lambda act: _("An automatic reply came from the resident's mailbox"),
    "another_sender": lambda act: _("The mail came from another address than the case has"),
    "returned": lambda act: _("%(who)s registered that the letter came back", who=act.who),
    "posted": lambda act: _("%(who)s posted the letter", who=act.who),
    "settle": _settled,
    "resend": _resent,
    "handled": lambda act: _("%(who)s dealt with what had not arrived", who=act.who),
    "recall": _recalled,
    "unsend": lambda act: _("%(who)s undid what was just sent", who=act.who),
    "merge": lambda act: _("%(who)s merged the case into %(number)s", who=act.who, number=act.data.get("main")),
    "take_in": lambda act: _("%(who)s merged %(number)s into this case", who=act.who, number=act.data.get("merged")),
    "unmerge": lambda act: _("%(who)s took the case out of %(number)s", who=act.who, number=act.data.get("main")),
    "let_go": lambda act: _("%(who)s took %(number)s out of this case", who=act.who, number=act.data.get("merged")),
    "relay": lambda act: _("%(who)s answered in %(number)s", who=act.who, number=act.data.get("main")),
    "retract": lambda act: _("%(who)s undid what was just sent", who=act.who),
    "echo": lambda act: _("The resident of %(number)s wrote something", number=act.data.get("merged")),
    "follow": _followed,
    "relate": _related,
    "unrelate": lambda act: _("%(who)s parted the case from %(number)s", who=act.who, number=act.data.get("other")),
    "split_off": lambda act: _(
        "%(who)s made case %(number)s of a part of this", who=act.who, number=act.data.get("part")
    ),
    "split_from": lambda act: _(
        "%(who)s made this case of a part of %(number)s", who=act.who, number=act.data.get("origin")
    ),
}
