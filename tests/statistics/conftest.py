"""October 2026 at a small municipality, acted with the real verbs, and counted by hand.

The promise of each kind, in working days: fraga 2, felanmalan 5, berom 5, synpunkt 10, klagomal 10. The working day
ends at 16:30. Summer time ends on Sunday 25 October. All times are local; it is Wednesday 4 November, 12:00.

  case dept kind       reply  came in          due      what happened                          promise     days  age
  A    sb   fraga      email  Mon  5 09:00     Wed  7   answered and closed Wed 7 15:00        kept        2
  B    sb   fraga      phone  Mon  5 16:30     Thu  8   answered Thu 8 23:59:30                kept        2 (1)
  C    sb   felanmalan letter Fri  9 10:00     Fri 16   answered Mon 19, resident wrote 20,    late        6
                                                        answered and closed again 21
  D    kf   synpunkt   email  Thu  1 00:00     Thu 15   came to sb, transferred 2, answered 14 kept        9
  E    kf   fraga      email  Sat 24 12:00     Wed 28   answered Sun 25 02:30 winter time      kept        0 (2)
  F    kf   klagomal   letter Sun 25 02:30 (3) Mon  9   nothing yet                            not due           7
  G    sb   fraga      email  Sat 31 23:59:59  Wed  4   nothing yet, due today                 not due           2
  H    sb   fraga      email  Nov 1 00:00      Wed  4   nothing yet                            outside           2
  I    ls   felanmalan phone  Sep 30 23:59:59  Oct  8   nothing                                outside          24
  J    sb   berom      none   Tue 13 10:00              closed Wed 14 with no action           no reply
  K    sb   felanmalan email  Tue 13 11:00     Tue 20   closed Thu 15 as a duplicate           unanswered (4)
  L    sb   felanmalan email  Wed 14 11:00     Wed 21   withdrawn Fri 16                       left out (5)
  M    kf   fraga      email  Mon 19 10:00     Wed 21   asked Tue 20, still waits              unanswered       12
  N    kf   fraga      email  Mon 26 08:00     Wed 28   planned Tue 27 until December          unanswered        7
  O    ls   synpunkt   email  Sep 1 09:00      Sep 15   answered and closed Sep 10, resident   outside
                                                        wrote Oct 12, answered and closed 13
  P    sb   fraga      phone  Wed 14 09:00     Fri 16   withdrawn Mon 19, after its day        unanswered

  (1) after 16:30 counts from Tuesday 6: 7 and 8 are two days.      (2) Saturday counts from Monday 26, answered before.
  (3) the first of the two half past twos of that night.            (4) closing without an answer is no answer.
  (5) the resident took it back before it was due: nobody waits for an answer.

Came in during October: A B C D E F G J K L M N P = 13, of them sb 8 (A B C G J K L P), kf 5 (D E F M N).
Taken up again: C (20), O (12) = 2.  Finished: A B C C D E J K L P O = 11, of them sb 8 (C twice), kf 2, ls 1.
  week       came in        again   finished              open at the end
  40 (1-4)   D         = 1  -       -               = 0   D I          = 2
  41         A B C     = 3  -       A B             = 2   C D I        = 3
  42         J K L P   = 4  O = 1   D J K L O       = 5   C I P        = 3
  43         E F M     = 3  C = 1   C C E P         = 4   F I M        = 3
  44 (26-31) G N       = 2  -       -               = 0   F G I M N    = 5
Open now: F G H I M N = 6; past their date I (over 20 days), M (11-20), N (6-10) = 3.
Share: kept A B D E = 4, late C = 1, unanswered K M N P = 4, of 9 = 44 %; not due F G.
  sb: kept A B, late C, unanswered K P: 2 of 5 = 40 %.  kf: kept D E, unanswered M N: 2 of 4, too few.
  fraga: kept A B E, unanswered M N P: 3 of 6 = 50 %.   email: kept A D E, unanswered K M N: 3 of 6 = 50 %.
  Weeks 41-44 together: kept A B E, late C, unanswered K M N P: 3 of 8.
Days of the answered: E 0, A 2, B 2, C 6, D 9: half within 2, nine in ten within 9.
September: kept O, unanswered I: 1 of 2, too few to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Actor
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Department
from caseflow.cases.municipality import directory
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from caseflow.statistics import figures, rollup
from caseflow.statistics.figures import Figures, Filter
from caseflow.statistics.periods import Period
from tests.kept import lived

Statements = Callable[[], AbstractContextManager[list[str]]]
STOCKHOLM = ZoneInfo("Europe/Stockholm")
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), "month")


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *, fold: int = 0) -> datetime:
    """A moment on the municipality's wall in 2026."""
    return datetime(2026, month, day, hour, minute, second, fold=fold, tzinfo=STOCKHOLM)


NOW = at(11, 4, 12)


@pytest.fixture
def october(resident_case: Callable[..., Case], hire: Callable[..., Staff]) -> SimpleNamespace:
    """The history above; the cases by their letters. It begins in an empty database: name it before other people."""
    lived("october", lambda: _live(resident_case, hire("Hand Läggare", "coordinator", "sb", "kf", "ls").as_actor()))
    words = sa.select(Case).where(Case.description.like("Ärende _ i verkligheten."))
    return SimpleNamespace(**{case.description.split()[1]: case for case in db.session.scalars(words)})


def _live(resident_case: Callable[..., Case], by: Actor) -> None:
    cases = SimpleNamespace()

    def file(name: str, department: str, kind: str, reply_by: str, came: datetime) -> None:
        case = resident_case(
            department=department, kind=kind, reply_by=reply_by, now=came, description=f"Ärende {name} i verkligheten."
        )
        setattr(cases, name, case)

    def act(case: Case, verb: str, when: datetime, **facts: object) -> None:
        with unit_of_work():
            getattr(lifecycle, verb)(case, by=by, now=when, **facts)

    def answer(case: Case, when: datetime, *, close_after: bool = True) -> None:
        act(case, "reply", when, text="Svar.", channel=case.reply_by, close_after=close_after)

    def hear(case: Case, when: datetime) -> None:
        with unit_of_work():
            lifecycle.hear(case, "En sak till.", by=RESIDENT, now=when)

    file("A", "sb", "fraga", "email", at(10, 5, 9))
    act(cases.A, "assign", at(10, 5, 10), to=db.session.get_one(Staff, by.staff_id))
    answer(cases.A, at(10, 7, 15))
    file("B", "sb", "fraga", "phone", at(10, 5, 16, 30))
    answer(cases.B, at(10, 8, 23, 59, 30), close_after=False)
    file("C", "sb", "felanmalan", "letter", at(10, 9, 10))
    answer(cases.C, at(10, 19, 9), close_after=False)
    hear(cases.C, at(10, 20, 9))
    answer(cases.C, at(10, 21, 9))
    file("D", "sb", "synpunkt", "email", at(10, 1))
    act(cases.D, "transfer", at(10, 2, 9), to=db.session.get_one(Department, "kf"), reason="Gäller badet.")
    answer(cases.D, at(10, 14, 9))
    file("E", "kf", "fraga", "email", at(10, 24, 12))
    answer(cases.E, at(10, 25, 2, 30, fold=1))
    file("F", "kf", "klagomal", "letter", at(10, 25, 2, 30, fold=0))
    file("G", "sb", "fraga", "email", at(10, 31, 23, 59, 59))
    file("H", "sb", "fraga", "email", at(11, 1))
    file("I", "ls", "felanmalan", "phone", at(9, 30, 23, 59, 59))
    file("J", "sb", "berom", "none", at(10, 13, 10))
    act(cases.J, "close", at(10, 14, 9), resolution="no_action", reason="Tack.")
    file("K", "sb", "felanmalan", "email", at(10, 13, 11))
    act(cases.K, "close", at(10, 15, 9), resolution="duplicate", reason="Redan anmält.")
    file("L", "sb", "felanmalan", "email", at(10, 14, 11))
    act(cases.L, "close", at(10, 16, 9), resolution="withdrawn", reason="Löst.")
    file("M", "kf", "fraga", "email", at(10, 19, 10))
    act(cases.M, "ask", at(10, 20, 9), text="Var?", channel="email")
    file("N", "kf", "fraga", "email", at(10, 26, 8))
    act(cases.N, "park", at(10, 27, 9), until=date(2026, 12, 1), reason="Väntar på delar.")
    file("O", "ls", "synpunkt", "email", at(9, 1, 9))
    answer(cases.O, at(9, 10, 9))
    hear(cases.O, at(10, 12, 9))
    answer(cases.O, at(10, 13, 9))
    file("P", "sb", "fraga", "phone", at(10, 14, 9))
    act(cases.P, "close", at(10, 19, 9), resolution="withdrawn", reason="Löst.")
    _bounce_a_receipt(cases.M, at(10, 19, 10, 5))


def _bounce_a_receipt(case: Case, when: datetime) -> None:
    """What happens to an automatic receipt moves no figure."""
    with unit_of_work() as session:
        receipt = session.scalars(sa.select(Message).filter_by(case_id=case.id, purpose="receipt")).one()
        lifecycle.undelivered(receipt, when)


@pytest.fixture
def count() -> Callable[..., Figures]:
    """The figures that somebody sees: count(manager, department="sb", period=…)."""

    def read(staff: Staff, period: Period = OCTOBER, now: datetime = NOW, **chosen: str) -> Figures:
        with unit_of_work():
            rollup.update(now)
        return figures.read(staff, Filter(period, **chosen), Calendar.of(directory.municipality()), now=now)

    return read


@pytest.fixture
def statements() -> Statements:
    """What is said to the database inside a block: `with statements() as said`."""

    @contextmanager
    def listen() -> Iterator[list[str]]:
        said: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield said
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)

    return listen
