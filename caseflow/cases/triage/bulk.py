"""One act on many cases: what was picked, and what became of each. Every case is a unit of work of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

import sqlalchemy as sa
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from caseflow.accounts.models import Staff
from caseflow.audit import Actor
from caseflow.cases import lifecycle, repetition, scope, words
from caseflow.cases.models import Case, Department, Entry
from caseflow.cases.screen import forms
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import ActForm, TextForm
from caseflow.cases.screen.parking_form import ParkingForm
from caseflow.cases.texts import macros, shelf
from caseflow.cases.texts.macro_forms import running
from caseflow.cases.texts.macros import Macro, Said
from caseflow.cases.triage import bulk_texts, queue
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db

MOST = 500


@dataclass(frozen=True)
class Pick:
    """A case as the list showed it."""

    number: str
    version: int

    @property
    def written(self) -> str:
        return f"{self.number}:{self.version}"


@dataclass(frozen=True)
class Outcome:
    """What became of one case.

    `state` is `done`, `before` (it was so already), `changed` (since the list was read), `impossible` in its status,
    `refused` (then `why` says what is wrong) or `foreign` (not this person's to handle). `version` is the present one.
    """

    number: str
    state: str
    version: int = 0
    subject: str = ""
    status: str = ""
    assignee: str | None = None
    why: str = ""
    entry: Entry | None = None

    @property
    def well(self) -> bool:
        return self.state in ("done", "before")

    @property
    def pick(self) -> Pick:
        return Pick(self.number, self.version)


class Told(TypedDict):
    """What every verb is told."""

    by: Actor
    now: datetime


Do = Callable[[Case, Any, Told], Entry | None]


def picks(written: Iterable[str]) -> list[Pick]:
    """The cases as the list's boxes name them, each once, one more than MOST at most; odd ones are left out."""
    found: dict[str, Pick] = {}
    for one in written:
        number, _colon, version = one.partition(":")
        if version.isascii() and version.isdigit() and len(version) < 10 and "\x00" not in number:
            found.setdefault(number, Pick(number, int(version)))
    return list(found.values())[: MOST + 1]


def all_of(staff: Staff, chosen: Filter, today: date) -> list[Pick]:
    """The first cases of a list that this person may act on, one more than MOST at most."""
    listed = queue.query(staff, chosen, today).where(scope.handled_by(staff))
    rows = db.session.execute(listed.with_only_columns(Case.number, Case.version).limit(MOST + 1))
    return [Pick(number, version) for number, version in rows]


def rows(staff: Staff, picked: Sequence[Pick]) -> list[sa.Row[Any]]:
    """What a page about the picked cases tells of each, in their order; those outside the scope are not there."""
    columns = (
        *(Case.number, Case.version, Case.subject, Case.status, Case.name, Case.department_code),
        *(Case.reply_by, Case.language, Staff.name.label("assignee")),
    )
    asked = sa.select(*columns).outerjoin(Staff, Staff.id == Case.assignee_id).where(scope.within(staff))
    found = {row.number: row for row in db.session.execute(asked.where(Case.number.in_([p.number for p in picked])))}
    return [found[pick.number] for pick in picked if pick.number in found]


def one(
    staff: Staff,
    pick: Pick,
    noun: str,
    fields: Mapping[str, str],
    *,
    batch: str,
    desk: Callable[[Case], Desk],
    now: datetime,
) -> Outcome:
    """The act on one case, inside the caller's unit of work. Raises `lifecycle.Illegal`."""
    case = scope.find_for_act(staff, pick.number, None)
    if case is None:
        return Outcome(pick.number, "foreign")
    macro = macro_of(staff, fields) if noun == "macros" else None
    form_class, do = _of_macro(staff, macro) if noun == "macros" else ACTS[noun]
    at_desk = desk(case)
    written = _written(staff, case, noun, fields, macro, today=at_desk.today)
    typed = {**fields, "version": str(pick.version), "submission": f"{batch[:32]}-{case.id}", "channel": case.reply_by}
    form = form_class(MultiDict(typed | ({"text": written.text} if written else {})), case=case, desk=at_desk)
    if repetition.done_before(case, form, staff):
        return of(case, "before")
    if form.read_at != case.version:
        return of(case, "changed")
    if why := _hindrance(case, macro, written):
        return of(case, "refused", why=why)
    if not form.validate():
        return of(case, "refused", why=str(next(field.errors[0] for field in form if field.errors)))
    entry = do(case, form, Told(by=staff.as_actor(), now=now))
    return of(case, "done", entry=entry)


def macro_of(staff: Staff, fields: Mapping[str, str]) -> Macro | None:
    """The macro that the fields name, where this person may use it."""
    typed = fields.get("macro", "")
    return shelf.find(Macro, staff, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None


def _written(
    staff: Staff, case: Case, noun: str, fields: Mapping[str, str], macro: Macro | None, *, today: date
) -> bulk_texts.Written | None:
    """The text for this case, where the act says one."""
    if noun != "replies" and not (macro and macro.says):
        return None
    return bulk_texts.for_case(case, bulk_texts.raw(case, fields, macro), staff, today=today)


def _hindrance(case: Case, macro: Macro | None, written: bulk_texts.Written | None) -> str:
    if macro and macros.elsewhere(macro, case):
        return _("The macro does not fit the case's department.")
    return written.lack if written else ""


def _of_macro(staff: Staff, macro: Macro | None) -> tuple[type[ActForm], Do]:
    if macro is None:
        raise lifecycle.Illegal("there is no such macro any more")

    def do(case: Case, form: ActForm, told: Told) -> Entry | None:
        said = None
        if isinstance(form, TextForm):
            said = Said(form.said, case.reply_by, form.submission.data or "", None)
        macros.run(macro, case, said, staff=staff, **told)
        return db.session.scalar(sa.select(Entry).where(Entry.submission == said.submission)) if said else None

    return running(macro), do


def of(case: Case, state: str, *, why: str = "", entry: Entry | None = None) -> Outcome:
    """The outcome with what its line on the page tells of the case as it is now."""
    who = case.assignee.name if case.assignee else None
    return Outcome(case.number, state, case.version, case.subject, str(words.STATUS[case.status]), who, why, entry)


def _assign(case: Case, form: forms.AssignmentForm, told: Told) -> None:
    if form.chosen is None:
        lifecycle.release(case, **told)
    elif form.chosen != case.assignee_id:
        lifecycle.assign(case, to=db.session.get_one(Staff, form.chosen), **told)


def _transfer(case: Case, form: forms.TransferForm, told: Told) -> None:
    lifecycle.transfer(case, to=db.session.get_one(Department, form.department.data), reason=form.because, **told)


def _prioritise(case: Case, form: forms.PriorityForm, told: Told) -> None:
    if form.priority.data != case.priority:
        lifecycle.prioritise(case, to=form.priority.data, **told)


def _categorise(case: Case, form: forms.CategoryForm, told: Told) -> None:
    if form.chosen != case.category_code:
        lifecycle.categorise(case, to=form.chosen, **told)


def _close(case: Case, form: forms.ClosureForm, told: Told) -> None:
    lifecycle.close(case, resolution=form.resolution.data, reason=form.reason_given, **told)


def _reply(case: Case, form: forms.ReplyForm, told: Told) -> Entry:
    return lifecycle.reply(
        case,
        form.said,
        channel=case.reply_by,
        close_after=form.close_after.data,
        submission=form.submission.data,
        **told,
    )


def _park(case: Case, form: ParkingForm, told: Told) -> None:
    lifecycle.park(case, until=form.day, reason=form.because, **told)


# The acts by the noun that stands in their address: the form of one case, and what is done with it.
ACTS: dict[str, tuple[type[ActForm], Do]] = {
    "assignment": (forms.AssignmentForm, _assign),
    "transfer": (forms.TransferForm, _transfer),
    "priority": (forms.PriorityForm, _prioritise),
    "category": (forms.CategoryForm, _categorise),
    "resumption": (forms.ResumptionForm, lambda case, form, told: lifecycle.resume(case, **told)),
    "parking": (ParkingForm, _park),
    "closure": (forms.ClosureForm, _close),
    "replies": (forms.ReplyForm, _reply),
}
# Each with the view whose gate it has on one case; what a macro does depends on the macro.
VIEWS = {noun: f"case.acts.{noun}" for noun in ACTS} | {"macros": "case.macros.run"}
