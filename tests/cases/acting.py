"""Acts as the case's page sends them, and how many statements a page costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow.audit import Event
from caseflow.cases.models import Case, Entry
from caseflow.database import db
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from tests.cases.entering import enter

WithToken = Callable[..., dict[str, object]]


class Desk:
    """A signed-in person at one case. `version` of an act is the case's present one, unless another is given."""

    def __init__(self, client: FlaskClient, with_token: WithToken, case: Case) -> None:
        self.client, self.with_token, self.number = client, with_token, case.number
        client.set_cookie(COOKIE, "en")

    @property
    def path(self) -> str:
        return f"/staff/cases/{self.number}"

    def open_in(self, page: Page) -> None:
        """The case's page in a browser, with this person's session and in English."""
        self.read()
        url = self.client.application.config["BASE_URL"]
        page.context.add_cookies([{"name": COOKIE, "value": "en", "url": url}])
        enter(page, self.client, self.path)

    def read(self) -> str:
        return self.client.get(self.path).get_data(as_text=True)

    def act(self, noun: str, **data: object) -> TestResponse:
        filled = {"version": str(self.case().version), **data}
        return self.client.post(f"{self.path}/{noun}", data=self.with_token(self.client, filled))

    def case(self) -> Case:
        """The case as the database has it now."""
        db.session.rollback()
        return db.session.scalars(sa.select(Case).where(Case.number == self.number)).one()

    def verbs(self) -> list[str]:
        events = sa.select(Event.verb).where(Event.subject == "case", Event.subject_id == self.case().id)
        return list(db.session.scalars(events.order_by(Event.id)))

    def entries(self) -> list[tuple[str, str]]:
        said = sa.select(Entry.sort, Entry.text).where(Entry.case_id == self.case().id).order_by(Entry.id)
        return [(sort, text) for sort, text in db.session.execute(said)]

    def messages(self) -> list[Message]:
        """Replies and questions, without the receipt, in the order they were put."""
        sent = sa.select(Message).where(Message.case_id == self.case().id, Message.purpose != "receipt")
        return list(db.session.scalars(sent.order_by(Message.id).execution_options(populate_existing=True)))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that run inside the block."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
