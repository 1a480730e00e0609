"""Macros: a text and acts in one press. Each act goes through its own verb; all of them are done, or none.

The order is fixed: what it is about, whose it is, what is said, and how it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Actor
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import RESOLUTIONS, Case, Department, Municipality
from caseflow.cases.texts import shelf
from caseflow.cases.texts.shelf import Row, Shelved, in_order
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db
from caseflow.workdays import add_working_days

SAYS = ("reply", "question", "note")
ENDS = ("close", "park", "transfer")
VERB = {"reply": "reply", "question": "ask", "note": "note", "close": "close", "park": "park", "transfer": "transfer"}


class Macro(Shelved):
    """One row a macro. `says` names how its text is said, `ends` how the case goes on after it; each may be missing.

    `reason` goes with `ends`; `days` are the working days that `park` plans for.
    """

    __tablename__ = "macro"
    section = "macros"
    __table_args__ = (
        sa.CheckConstraint(f"says IN {SAYS}", name="says"),
        sa.CheckConstraint(f"ends IN {ENDS}", name="ends"),
        sa.CheckConstraint(f"resolution IN {RESOLUTIONS}", name="resolution"),
        sa.CheckConstraint("(says IS NULL) = (text_id IS NULL)", name="text"),
        sa.CheckConstraint("(ends IS NOT DISTINCT FROM 'close') = (resolution IS NOT NULL)", name="close"),
        sa.CheckConstraint("(ends IS NOT DISTINCT FROM 'park') = (days IS NOT NULL)", name="park"),
        sa.CheckConstraint("(ends IS NOT DISTINCT FROM 'transfer') = (to_department IS NOT NULL)", name="transfer"),
        sa.CheckConstraint("owner_id IS NULL OR code IS NULL", name="owner"),
        sa.Index("macro_department_code_idx", "department_code"),
        sa.Index("macro_owner_id_idx", "owner_id"),
    )

    category_code: Mapped[str | None] = mapped_column(sa.ForeignKey("category.code", onupdate="CASCADE"))
    takes: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    says: Mapped[str | None]
    text_id: Mapped[int | None] = mapped_column(sa.ForeignKey("standard_text.id", ondelete="CASCADE"))
    ends: Mapped[str | None]
    resolution: Mapped[str | None]
    days: Mapped[int | None]
    to_department: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code", onupdate="CASCADE"))
    reason: Mapped[str | None]

    text: Mapped[StandardText | None] = relationship(lazy="joined")

    def written(self) -> Row:
        every = {
            "code": self.coded,
            "department": self.department_code,
            "titles": in_order(self.titles),
            "category": self.category_code,
            "takes": self.takes,
            "says": self.says,
            "text": self._text_code(),
            "ends": self.ends,
            "resolution": self.resolution,
            "days": self.days,
            "to": self.to_department,
            "reason": self.reason,
        }
        return {name: value for name, value in every.items() if value not in (None, False)}

    def _text_code(self) -> str | None:
        """Asked for anew: the macro may just have been given another text."""
        text = db.session.get(StandardText, self.text_id) if self.text_id else None
        return text.coded if text else None

    @property
    def verbs(self) -> list[str]:
        """The verbs in the order in which they are done; taking a case that is one's own already is left out later."""
        first = (["categorise"] if self.category_code else []) + (["assign"] if self.takes else [])
        return first + [VERB[step] for step in (self.says, self.ends) if step]


@dataclass(frozen=True)
class Said:
    """What goes out with a macro that says something, as the person has seen it."""

    text: str
    channel: str
    submission: str
    reason: str | None = None


def for_case(case: Case, staff: Staff) -> Sequence[Macro]:
    """Those of the case's department, the most used first; one statement."""
    here = sa.or_(Macro.department_code.is_(None), Macro.department_code == case.department_code)
    query = sa.select(Macro).where(shelf.readable(Macro, staff), here).order_by(Macro.uses.desc(), Macro.id)
    return db.session.scalars(query).all()


def obstacle(macro: Macro, case: Case) -> str | None:
    """The status in which one of the macro's verbs would be refused; None when all of them can be done."""
    status = case.status
    for verb in macro.verbs:
        if status not in lifecycle.TRANSITIONS[verb]:
            return status
        status = lifecycle.TRANSITIONS[verb][status]
    needs_answer = macro.resolution == "answered" and macro.says != "reply" and case.answered_at is None
    return status if needs_answer or elsewhere(macro, case) else None


def run(macro: Macro, case: Case, said: Said | None, *, staff: Staff, by: Actor, now: datetime) -> None:
    """Do all of it, in the running unit of work. Raises `lifecycle.Illegal` where a verb refuses."""
    if elsewhere(macro, case):
        raise lifecycle.Illegal("the macro belongs to another department")
    if macro.category_code and macro.category_code != case.category_code:
        lifecycle.categorise(case, to=macro.category_code, by=by, now=now)
    if macro.takes and case.assignee_id != staff.id:
        lifecycle.assign(case, to=staff, by=by, now=now)
    if macro.says and said is not None:
        _say(macro, case, said, by=by, now=now)
    _end(macro, case, by=by, now=now)
    change = sa.update(Macro).where(Macro.id == macro.id).values(uses=Macro.uses + 1, used_at=now)
    db.session.execute(change, execution_options={"synchronize_session": False})


def elsewhere(macro: Macro, case: Case) -> bool:
    """A macro that moves a case to where it lies, or that belongs to another department, does nothing sensible."""
    foreign = macro.department_code is not None and macro.department_code != case.department_code
    return foreign or macro.to_department == case.department_code


def _say(macro: Macro, case: Case, said: Said, *, by: Actor, now: datetime) -> None:
    if macro.says == "note":
        lifecycle.note(case, said.text, by=by, now=now, submission=said.submission)
    elif macro.says == "question":
        lifecycle.ask(case, said.text, channel=said.channel, by=by, now=now, submission=said.submission)
    else:
        why, page = said.reason, said.submission
        lifecycle.reply(case, said.text, channel=said.channel, by=by, now=now, reason=why, submission=page)


def _end(macro: Macro, case: Case, *, by: Actor, now: datetime) -> None:
    if macro.ends == "close" and macro.resolution:
        lifecycle.close(case, resolution=macro.resolution, reason=macro.reason, by=by, now=now)
    elif macro.ends == "park" and macro.days:
        house = db.session.get_one(Municipality, 1)
        until = add_working_days(clock.today(now, house.zone), macro.days, Calendar.of(house).is_working_day)
        lifecycle.park(case, until=until, reason=macro.reason or "", by=by, now=now)
    elif macro.ends == "transfer" and macro.to_department:
        to = db.session.get_one(Department, macro.to_department)
        lifecycle.transfer(case, to=to, reason=macro.reason or "", by=by, now=now)


def using(text: StandardText, *, shared: bool = False) -> str | None:
    """The title of a macro that says this text; `shared`: of one that is not one person's."""
    query = sa.select(Macro).where(Macro.text_id == text.id)
    query = query.where(Macro.owner_id.is_(None)) if shared else query
    found = db.session.scalars(query.order_by(Macro.id).limit(1)).first()
    return found.title("sv") if found else None
