"""How a known fault stands, and how those who follow it are told when that changes.

What changes is written down with the act that changes it. A worker tells of it a little later, so that what was undone
at once is never told, and of several changes in between only the last.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.cases import words
from caseflow.cases.faults.known_fault import TELLABLE, FaultFollower, FaultNews, KnownFault
from caseflow.cases.models import Case, Department
from caseflow.cases.municipality import directory
from caseflow.database import db, unit_of_work
from caseflow.messages import about_no_case, outbox
from caseflow.messages.models import Message

# After the end nobody needs to be told any more, and nobody's address is kept.
KEPT = timedelta(days=30)
_ENDS = {"fixed": "fixed", "planned_work": "later"}


def standing(case: Case) -> tuple[str, date | None]:
    """How the fault stands, as one of `known_fault.STATES`, and until when."""
    if case.status == "closed":
        return _ENDS.get(case.resolution or "", "over"), None
    if case.status == "planned":
        return "planned", case.planned_until
    return ("known" if case.status == "new" else "working"), None


def in_words(what: str, until: date | None) -> str:
    """How it stands, in a sentence."""
    match what:
        case "known":
            return _("We know about it.")
        case "working":
            return _("We are working on it.")
        case "planned":
            return _("We have planned it for %(date)s.", date=words.long_date(until) if until else "–")
        case "fixed":
            return _("It is fixed.")
        case "later":
            return _("We do it later, together with other work.")
        case "over":
            return _("We have closed the case.")
    return _("We do not tell of it here any more.")


def of_move(case: Case, verb: str, data: dict[str, object], *, now: datetime) -> None:
    """An act has moved a case that residents know of."""
    fault = db.session.scalar(sa.select(KnownFault).where(KnownFault.case_id == case.id))
    if fault is None or directory.department(case.department_code).secret:
        return
    if verb == "merge":
        _goes_to(fault, case, str(data["main"]))
        return
    fault.ended_at = now if case.status == "closed" else None
    tell(fault, *standing(case), now=now)


def tell(fault: KnownFault, what: str, until: date | None, *, now: datetime) -> None:
    """Write down how it stands, if that is something new; that nobody works on it any more is nothing to be told."""
    last = db.session.scalar(_newest(fault.id))
    if last is None or ((last.what, last.until) != (what, until) and (what != "known" or last.what == "gone")):
        told_at = now if last is None else None
        db.session.add(FaultNews(fault_id=fault.id, at=now, what=what, until=until, told_at=told_at))


def send(now: datetime) -> None:
    """Tell all that is new; each fault in a unit of work of its own, and two workers never the same one."""
    while _tell_one(now):
        pass


def forget(now: datetime) -> None:
    """Who followed what has long ended is erased, with what was written to them."""
    old = sa.select(KnownFault.id).where(KnownFault.ended_at < now - KEPT)
    gone = sa.delete(FaultFollower).where(FaultFollower.fault_id.in_(old))
    db.session.execute(gone, execution_options={"synchronize_session": False})


def lost(message: Message) -> None:
    """It did not get there: no address is kept that does not work, and nobody of ours need do anything."""
    follower = db.session.get(FaultFollower, message.follower_id)
    message.status = "cancelled"
    if follower is not None:
        follower.way, follower.address = "none", f"lost {secrets.token_hex(16)}"


def compose(follower: FaultFollower, fault: KnownFault, said: str, *, now: datetime) -> Message:
    """The message that tells a follower something, in their language, with the way to leave."""
    house, link = directory.known(), page_address(follower)
    footer = _("You get this because you follow a known fault. On that page you can stop following it.")
    where = f"{fault.title}, {fault.place}" if fault.place else fault.title
    text = f"{house.name}: {where}. {said} {link}" if follower.way == "sms" else f"{where}\n\n{said}"
    return Message(
        follower_id=follower.id,
        purpose="known_fault",
        channel=follower.way,
        language=follower.language,
        recipient={"name": None, "phone" if follower.way == "sms" else "email": follower.address},
        subject=_("Known fault: %(title)s", title=fault.title),
        body=text,
        frame=about_no_case.framed(house, greeting=_("Hello,"), footer=footer, link=link),
        header_id=about_no_case.new_header_id(house, "fault"),
        next_attempt_at=now,
        created_at=now,
    )


def page_address(follower: FaultFollower) -> str:
    """Of the follower's own page; it holds the code."""
    return f"{current_app.config['BASE_URL']}/following/{follower.code}"


def _tell_one(now: datetime) -> bool:
    settled = now - (current_app.config["OUTBOX_HOLD"] or timedelta())
    untold = (
        sa.select(FaultNews).where(FaultNews.told_at.is_(None), FaultNews.at <= settled).order_by(FaultNews.id).limit(1)
    )
    with unit_of_work() as session:
        first = session.scalar(untold.with_for_update(skip_locked=True))
        if first is None:
            return False
        fault = session.get_one(KnownFault, first.fault_id, with_for_update=True, populate_existing=True)
        newest = session.scalars(_newest(fault.id)).one()
        before = session.scalar(_newest(fault.id).where(FaultNews.told_at.is_not(None)))
        if newest.at > settled:
            newest = first
        changed = before is None or (before.what, before.until) != (newest.what, newest.until)
        if changed and may_tell(fault):
            _put_all(fault, newest, now=now)
        told = sa.update(FaultNews).where(FaultNews.fault_id == fault.id, FaultNews.id <= newest.id)
        session.execute(told.where(FaultNews.told_at.is_(None)).values(told_at=now))
    return True


def may_tell(fault: KnownFault) -> bool:
    """Also of one that was taken away again, but never of what has become secret."""
    case = sa.select(Case.id).join(Department, Department.code == Case.department_code)
    open_to_all = sa.or_(TELLABLE, sa.and_(~Case.made_known, ~Case.protected, ~Department.secret))
    return db.session.scalar(case.where(Case.id == fault.case_id, open_to_all)) is not None


def _put_all(fault: KnownFault, news: FaultNews, *, now: datetime) -> None:
    to_tell = sa.select(FaultFollower).where(FaultFollower.fault_id == fault.id, FaultFollower.way != "none")
    for follower in db.session.scalars(to_tell.order_by(FaultFollower.id)).all():
        with force_locale(follower.language):
            outbox.put(compose(follower, fault, in_words(news.what, news.until), now=now))


def _newest(fault_id: int) -> sa.Select[tuple[FaultNews]]:
    return sa.select(FaultNews).where(FaultNews.fault_id == fault_id).order_by(FaultNews.id.desc()).limit(1)


def _goes_to(fault: KnownFault, case: Case, number: str) -> None:
    """The main case has it now; where that one is known already, those who follow this one follow that."""
    main = db.session.scalars(sa.select(Case).where(Case.number == number)).one()
    there = db.session.scalar(sa.select(KnownFault).where(KnownFault.case_id == main.id))
    case.made_known = False
    if there is None or not main.made_known:
        if there is not None:
            db.session.delete(there)
            db.session.flush()
        fault.case_id, main.made_known = main.id, True
        return
    both = sa.select(FaultFollower.way, FaultFollower.address).where(FaultFollower.fault_id == there.id)
    here = sa.and_(
        FaultFollower.fault_id == fault.id,
        sa.tuple_(FaultFollower.way, FaultFollower.address).not_in(both),
    )
    moved = sa.update(FaultFollower).where(here).values(fault_id=there.id)
    db.session.execute(moved, execution_options={"synchronize_session": False})
    db.session.delete(fault)
