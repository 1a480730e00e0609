"""Every address × every role and level × a thing of one's own department, of a foreign, a secret one, and of none.

What is closed answers as what is not there, changes nothing, and not a word of it stands on any page, list or file.
Pages are drawn where somebody opens them for the first time in a role; everybody else meets the same views with blank
templates, and the same answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import set_request_attr
from jinja2 import FunctionLoader
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from caseflow import clock, files
from caseflow.accounts.factors import Passkey
from caseflow.accounts.models import ROLES, Staff, StaffSession
from caseflow.accounts.permissions import PERMISSIONS, May, may
from caseflow.audit import record
from caseflow.cases import codes, lifecycle
from caseflow.cases.files.exports import Export
from caseflow.cases.models import Case, Entry
from caseflow.cases.post import letters
from caseflow.cases.screen.held_filing import HeldFiling
from caseflow.cases.screen.mention import Mention
from caseflow.cases.screen.step import Step
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.triage.saved_view import SavedView
from caseflow.cases.watch.absence import Absence
from caseflow.database import db, unit_of_work
from caseflow.messages import staff_mail
from caseflow.messages.models import Attachment, IncomingMail
from caseflow.statistics.report_wishes import ReportWish
from tests import reach
from tests.cases.replying import reply
from tests.cases.troubles import become
from tests.reach import REACH, Reach, methods, page, staff_rules, unsaid

OWN, FOREIGN, SECRET = "sb", "kf", "ifo"
NOTHING, NOWHERE = "987654321", "no department"
ASIDE = {
    "act": "replies",
    "language": "sv",
    "sort": "receipt",
    "size": "small",
}  # parts of an address that name no thing
CANARY = "Kanariefågel"
# In every text of the world and in no echo: found by the search, and asked for without the canary.
LURE = "skvaller"
SEARCHES = {
    "queue.page": (f"text={LURE}&status=all", f"fragment=1&department={SECRET}"),
    "queue.export": (f"text={LURE}&status=all",),
    "statistics.csv": (f"department={SECRET}",),
}
# How far a role gets, whatever its membership says.
USABLE = {"caseworker": "handle", "coordinator": "lead", "registrar": "handle", "manager": "read", "administrator": ""}
# Role, and level in the one department that the person is in.
PEOPLE = (
    ("caseworker", "handle", OWN),
    ("caseworker", "read", OWN),
    ("caseworker", "handle", SECRET),
    ("coordinator", "lead", OWN),
    ("registrar", "handle", OWN),
    ("manager", "read", OWN),
    ("administrator", "lead", OWN),
)


READER = 1  # place in PEOPLE
# After these the thing is not there any more, or not where it was: only the first one who may does them.
ONCE = frozenset(
    {
        "case.checklist.remove",
        "macros.removal",
        "saved_views.removal",
        "standard_texts.removal",
    }
)
Values = dict[str, str]


@dataclass(frozen=True)
class Person:
    role: str
    level: str
    department: str
    client: FlaskClient

    def opens(self, gate: May, said: Reach, department: str) -> bool:
        """What docs/permissions.md promises, told once more without the code that keeps it."""
        if gate not in PERMISSIONS[self.role] or said.level == "own":
            return False
        if said.level == "all" or (said.besides and said.besides in PERMISSIONS[self.role]):
            return department != NOWHERE
        order = ("", "read", "handle", "lead")
        level = min(self.level, USABLE[self.role], key=order.index)
        return department == self.department and order.index(level) >= order.index(said.level)

    def open(self, path: str, method: str, data: dict[str, str] | None = None, *, drawn: bool = True) -> TestResponse:
        """`drawn`: with its templates; else they are blank."""
        app = self.client.application
        app.jinja_env = app.extensions["drawn" if drawn else "blank"]
        return self.client.open(path, method=method, data=data)


class Things:
    """Something of everything in one department, each with the canary of the department in it."""

    def __init__(self, app: Flask, department: str, clerk: Staff, file: Callable[..., Case]) -> None:
        self.app, self.department, self.clerk = app, department, clerk
        self.canary = f"{CANARY}-{department}"
        self._file = file

    def build(self) -> Things:
        self.letter_case = self._case("letter")
        self.letter = reply(self.letter_case, self.clerk, "letter", self.words)
        self.call = reply(self._case("phone"), self.clerk, "phone", self.words)
        self.trouble = become(reply(self._case("phone"), self.clerk, "phone", self.words), status="failed")
        self.entry = db.session.scalars(sa.select(Entry).where(Entry.case_id == self.letter_case.id)).first()
        packed = reply(self._case("letter"), self.clerk, "letter", self.words)
        with unit_of_work() as session:
            lifecycle.note(session.get_one(Case, self.letter_case.id), self.words, **self._told)  # type: ignore[arg-type]
            staff = session.get_one(Staff, self.clerk.id)
            (self.batch,) = letters.make_batches(staff, [packed.id], config=self.app.config, now=clock.now())
            facts = {"name": f"{self.canary}.pdf", "media_type": "application/pdf", "size": 9, "at": clock.now()}
            digest = files.keep(f"%PDF-1.7 {self.canary}".encode(), self.app.config)
            self.attachment = Attachment(case_id=self.letter_case.id, sha256=digest, **facts)
            session.add(self.attachment)
            raw = f"From: rut@example.org\r\nSubject: {self.canary}\r\n\r\n{self.words}\r\n".encode()
            kept = {"mailbox": "INBOX", "digest": files.keep(raw, self.app.config), "subject": self.canary}
            self.mail = IncomingMail(**kept, at=clock.now(), sender="rut@example.org", note="robot", outcome="held")
            self.mail.case_id = self.letter_case.id
            session.add(self.mail)
            day = clock.today() + timedelta(days=30)
            self.absence = Absence(staff_id=self.clerk.id, sort="leave", first_day=day, registered_at=clock.now())
            session.add(self.absence)
            key = {"credential_id": self.canary.encode(), "public_key": b"", "sign_count": 0, "name": self.canary}
            self.passkey = Passkey(staff_id=self.clerk.id, made_at=clock.now(), **key)
            session.add(self.passkey)
            said = {"titles": {"sv": "En text"}, "texts": {"sv": "Hej."}}
            self.standard = StandardText(department_code=self.department, **said)
            self.mention = Mention(
                entry_id=self.entry.id if self.entry else 0,
                case_id=self.letter_case.id,
                staff_id=self.clerk.id,
                at=clock.now(),
            )
            session.add(self.mention)
            self.macro = Macro(department_code=self.department, titles={"sv": "Ta det"}, takes=True)
            kept = {"filter": {"reply_by": "letter"}, "position": 1, "name": self.canary}
            self.view = SavedView(department_code=self.department, **kept)
            self.step = Step(case_id=self.letter_case.id, text=self.canary)
            session.add_all((self.standard, self.macro, self.view, self.step))
            asked = {"form": "csv", "filter": {}, "language": "sv", "rows": 1, "asked_at": clock.now()}
            self.export = Export(staff_id=self.clerk.id, **asked)
            session.add(self.export)
            wish = {"filter": {}, "rhythm": "week", "made_at": clock.now(), "sent_for": day}
            self.wish = ReportWish(staff_id=self.clerk.id, **wish)
            session.add(self.wish)
            errand = {"kind": "fraga", "description": self.words, "language": "sv", "reply_by": "none"}
            errand |= {"name": self.canary, "submission": self.canary}
            held = {"code": codes.new(), "submission": self.canary, "errand": errand, "why": ["trap"]}
            self.held = HeldFiling(at=clock.now(), department_code=self.department, **held)
            session.add(self.held)
            part = {"place": "emergency", "before": {}, "after": {}}
            self.change = record("configuration", 1, "change", by=staff.as_actor(), at=clock.now(), **part)
            self.staff_mail = staff_mail.put(
                staff, purpose="mention", subject=self.canary, body=self.words, now=clock.now() - timedelta(days=2)
            )
        return self

    @property
    def words(self) -> str:
        return f"{self.canary} hör {LURE} om gatlampan."

    @property
    def _told(self) -> dict[str, object]:
        return {"by": self.clerk.as_actor(), "now": clock.now()}

    def _case(self, reply_by: str) -> Case:
        names = {"name": self.canary, "email": "rut@example.org", "phone": "+46701740605"}
        return self._file(department=self.department, reply_by=reply_by, description=self.words, **names)

    @cached_property
    def ids(self) -> dict[str, dict[str, str]]:
        """What stands in an address that names the thing."""
        number = {"number": self.letter_case.number, "act": "replies"}
        case = {"number": db.session.get_one(Case, self.trouble.case_id).number}
        with unit_of_work():
            session = db.session.scalars(sa.select(StaffSession.id).where(StaffSession.staff_id == self.clerk.id)).one()
        return {
            "case": number,
            "attachment": {**number, "attachment_id": str(self.attachment.id), "size": "small"},
            "step": {**number, "step_id": str(self.step.id)},
            "draft": {"number": self.letter_case.number, "sort": "reply"},
            "case text": {**number, "sort": "reply", "text_id": str(self.standard.id)},
            "case macro": {**number, "macro_id": str(self.macro.id)},
            "saved view": {"view_id": str(self.view.id)},
            "macro": {"macro_id": str(self.macro.id)},
            "standard text": {"text_id": str(self.standard.id)},
            "absence": {"absence_id": str(self.absence.id)},
            "person's absence": {"staff_id": str(self.clerk.id), "absence_id": str(self.absence.id)},
            "change": {"event_id": str(self.change.id)},
            "department": {"code": self.department},
            "new part": {"what": "kinds"},
            "order": {"code": "kinds"},
            "part": {"place": "kinds/fraga"},
            "person": {"staff_id": str(self.clerk.id)},
            "mention": {"mention_id": str(self.mention.id)},
            "staff mail": {"message_id": str(self.staff_mail.id)},
            "entry": {**number, "entry_id": str(self.entry.id if self.entry else 0)},
            "letter": {"message_id": str(self.letter.id)},
            "call": {"message_id": str(self.call.id)},
            "trouble": {**case, "message_id": str(self.trouble.id)},
            "batch": {"batch_id": str(self.batch.id)},
            "mail": {**number, "mail_id": str(self.mail.id)},
            "held filing": {"filing_id": str(self.held.id)},
            "session": {"session_id": str(session)},
            "export": {"export_id": str(self.export.id)},
            "report wish": {"wish_id": str(self.wish.id)},
            "passkey": {"passkey_id": str(self.passkey.id)},
            "text": {"language": "sv", "sort": "receipt"},
        }


@pytest.fixture
def templates(app: Flask) -> Iterator[None]:
    app.extensions["drawn"] = app.jinja_env
    app.extensions["blank"] = app.jinja_env.overlay(loader=FunctionLoader(lambda name: ""), bytecode_cache=None)
    yield
    app.jinja_env = app.extensions["drawn"]


@pytest.fixture
def world(
    app: Flask,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    resident_case: Callable[..., Case],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Things]:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # a thousand lines
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)  # house rules prove it for every address
    built = {}
    for department in (OWN, FOREIGN, SECRET):
        clerk = hire(f"Skriver {department}", "caseworker", department)
        sign_in(clerk)
        built[department] = Things(app, department, clerk, resident_case).build()
    return built


@pytest.fixture
def people(app: Any, hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient]) -> Iterator[list[Person]]:
    """Who they are is not looked up anew for each of some thousand requests; the tests of sessions see to that."""
    found, known = [], {}
    for role, level, department in PEOPLE:
        staff = hire(f"{role} {level} {department}", role, department, level=level)
        found.append(Person(role, level, department, sign_in(staff)))
        known[staff.fs_uniquifier] = db.session.get_one(Staff, staff.id, populate_existing=True)
    usual = app.login_manager._user_callback

    @app.login_manager.user_loader
    def holder(uniquifier: str) -> Staff | None:
        if uniquifier not in known:
            return usual(uniquifier)
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", 0)
        return db.session.merge(known[uniquifier], load=False)

    yield found
    app.login_manager.user_loader(usual)


def test_every_role_reaches_what_is_open_to_it_and_nothing_else(
    app: Flask, templates: None, world: dict[str, Things], people: list[Person]
) -> None:
    assert unsaid(app) == []
    assert {person.role for person in people} == set(ROLES)
    closed_things = _digest([FOREIGN])
    wrong: list[str] = []
    for (rule, gate), method in _with_methods(app):
        if _belongs_to_nobody(rule) and method != "GET" and closed_things:
            # Nobody of these people is in the foreign department: whatever they sent, nothing there has moved. (What
            # follows is done by administrators: who closes an account gives back the cases of the person.)
            assert _digest([FOREIGN]) == closed_things
            closed_things = []
        said, acted, drawn = REACH.get(rule.endpoint), set[str](), set[str]()
        for person in people:
            if said is None:
                met = list(_to_page(rule, gate, method, person))
            elif gate in PERMISSIONS[person.role]:
                met = list(_to_things(rule, gate, method, person, said, world, acted, drawn))
                met += _to_a_mixture(rule, method, person, said, world) if person is people[0] else ()
            else:
                met = list(_to_a_gate(rule, method, person, said, world))
            who = f"{person.role}/{person.level} in {person.department}"
            wrong += [f"{method} {rule.rule} as {who}: {found}" for found in met]
    assert wrong == []
    assert closed_things == []


def _with_methods(app: Flask) -> Iterator[tuple[tuple[Rule, May], str]]:
    """Reading first, because some acts use up what they are done to."""
    every = [(found, method) for found in staff_rules(app) for method in methods(found[0])]
    ending = {"account.end_sessions", "security.logout"}  # they end the walker's own session
    kept = [one for one in every if one[0][0].endpoint not in ending]
    return iter(sorted(kept, key=lambda one: (one[1] != "GET", _belongs_to_nobody(one[0][0]))))


def _belongs_to_nobody(rule: Rule) -> bool:
    """Whether what the address names is open in all departments to who may."""
    said = REACH.get(rule.endpoint)
    return said is not None and said.level == "all"


def _to_page(rule: Rule, gate: May, method: str, person: Person) -> Iterator[str]:
    """An address that names nothing: the gate, and no foreign word."""
    # A reader's lists are those of the first, who is of the same department.
    drawn = PEOPLE.index((person.role, person.level, person.department)) != READER
    queries = ("", *SEARCHES.get(rule.endpoint, ())) if method == "GET" else ("",)
    for query in queries:
        answer = person.open(f"{rule.rule}?{query}", method, drawn=drawn)
        allowed = gate in PERMISSIONS[person.role]
        if (answer.status_code == 403) is allowed or answer.status_code in (404, 405, 500):
            yield f"?{query} answered {answer.status_code}, {'open' if allowed else 'closed'} to this role"
        yield from _foreign_words(answer, person)
        own = f"{CANARY}-{person.department}"
        if drawn and LURE in query and allowed and own not in answer.get_data(as_text=True):
            yield f"?{query} does not find the person's own {own}"


def _to_a_gate(rule: Rule, method: str, person: Person, said: Reach, world: dict[str, Things]) -> Iterator[str]:
    """The wrong role, at what would be open to the right one: nobody gets as far as the thing."""
    answer = _answer(rule, method, person, said, world[person.department].ids[said.thing])
    if answer.status_code != 403:
        yield f"closed to this role, answered {answer.status_code}"


def _to_things(
    rule: Rule, gate: May, method: str, person: Person, said: Reach, world: dict[str, Things],
    acted: set[str], drawn: set[str],
) -> Iterator[str]:  # fmt: skip
    """Everything of this sort that there is, and what is nowhere. `acted`: in which departments somebody has done it;
    `drawn`: for whom its page was."""
    nowhere = {**dict.fromkeys(world[OWN].ids[said.thing], NOTHING), "number": "2020-1", **ASIDE}
    shown = {department: things.ids[said.thing] for department, things in world.items()}
    if said.level != "all" and (person.role, person.level, person.department) != PEOPLE[0]:
        # The first one goes everywhere; of what is closed to the others, they read the secret and act on the foreign.
        left_out = FOREIGN if method == "GET" else SECRET
        if left_out != person.department:
            del shown[left_out]
    if said.level != "all" and NOWHERE not in drawn:
        shown[NOWHERE] = nowhere  # to one of them: nothing is the same for all
        drawn.add(NOWHERE)
    for department, values in shown.items():
        is_open = person.opens(gate, said, department)
        if is_open and department in acted and rule.endpoint in ONCE:
            continue
        sort = department if method == "GET" else ""
        answer = _answer(rule, method, person, said, values, drawn=is_open and sort not in drawn)
        if is_open:
            acted.add(department)
            drawn.add(sort)
        yield from _foreign_words(answer, person)
        if is_open and answer.status_code in (403, 404, 405, 500):
            yield f"open in {department}, answered {answer.status_code}"
        elif not is_open and answer.status_code not in ((302, 303) if said.quiet else (404,)):
            yield f"closed in {department}, answered {answer.status_code}"


def _to_a_mixture(rule: Rule, method: str, person: Person, said: Reach, world: dict[str, Things]) -> Iterator[str]:
    """A number of one's own, and something of another department under it."""
    if len(rule.arguments) < 2 or "number" not in rule.arguments or said.thing in ("case", "draft"):
        return
    own = world[person.department].ids[said.thing]
    answer = _answer(rule, method, person, said, {**world[FOREIGN].ids[said.thing], "number": own["number"]})
    if answer.status_code not in (404, 422):
        yield f"own number with a thing of {FOREIGN}: answered {answer.status_code}"
    yield from _foreign_words(answer, person)


def _answer(
    rule: Rule, method: str, person: Person, said: Reach, values: dict[str, str], *, drawn: bool = False
) -> TestResponse:
    _domain, path = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False) or ("", "")
    data = {name: value.format(**{"number": "2020-1", **values}) for name, value in said.data.items()}
    return person.open(path, method, data if method != "GET" else None, drawn=drawn)


def _foreign_words(answer: TestResponse, person: Person) -> Iterator[str]:
    text = answer.get_data(as_text=answer.mimetype.startswith("text/")) or ""
    said = text if isinstance(text, str) else text.decode("latin-1").encode("latin-1").decode("utf-8", "ignore")
    reads = person.department if may(Staff(role=person.role), May.SEE_CASES) else None
    for department in {OWN, FOREIGN, SECRET} - {reads}:
        if f"{CANARY}-{department}" in said:
            yield f"speaks of {CANARY}-{department}"


def _digest(departments: list[str]) -> list[tuple[object, ...]]:
    """All that lies in the departments, in short."""
    of_case = ' JOIN "case" c ON c.id = t.case_id WHERE c.department_code = ANY(:all)'
    tables = {
        '"case"': " WHERE department_code = ANY(:all)",
        "letter_batch": " WHERE department_code = ANY(:all)",
        **dict.fromkeys(("message", "entry", "attachment", "incoming_mail"), of_case),
    }
    digests = (
        f"SELECT '{table}', md5(string_agg(t::text, ',' ORDER BY t.id)) FROM {table} t{which}"
        for table, which in tables.items()
    )
    with unit_of_work() as session:
        every = sa.text(" UNION ALL ".join(digests) + " ORDER BY 1")
        return [tuple(row) for row in session.execute(every, {"all": departments})]


def test_the_page_for_the_information_security_officer_is_up_to_date(app: Flask) -> None:
    assert set(reach.ACTS) == set(May)
    assert reach.PAGE.read_text() == page(app), "run: python -m tests.reach"
