"""A running house with cases in it, and the pages of it that anybody can open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.house import kept
from bench.served import served
from caseflow import clock
from caseflow.cases.faults import fault_followers, known_faults
from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work

LANGUAGES = ("sv", "en", "fi")


@dataclass(frozen=True)
class House:
    """Where it is, and its pages by name. `judged` are those of which the most is asked."""

    address: str
    pages: dict[str, str]
    judged: tuple[str, ...] = ("start", "form", "look-up", "own page")


@contextmanager
def running(accent: str = "") -> Iterator[House]:
    """As it is in service: gunicorn with two workers, the example municipality and its invented cases."""
    with tempfile.TemporaryDirectory() as folder, kept(Path(folder)) as (app, environ):
        assert app.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
        with app.app_context():
            if accent:
                with unit_of_work():
                    db.session.get_one(Municipality, 1).theme = {"accent": accent}
            pages = _pages()
        with served(environ, "wsgi:app") as port:
            yield House(f"http://127.0.0.1:{port}", pages)


def _pages() -> dict[str, str]:
    """An own page with all that there can be on one: answered, closed, to be rated and objected to."""
    recent = Case.closed_at > clock.now() - timedelta(days=20)
    wanted = sa.select(Case.code).where(Case.resolution == "answered", Case.reply_by == "email", recent)
    code = db.session.scalars(wanted.order_by(Case.closed_at.desc())).first()
    waiting = db.session.scalars(sa.select(Case.code).where(Case.status == "waiting")).first()
    fault = next(iter(known_faults.shown()), None)
    assert code and waiting and fault, "the example municipality has no such case"
    with unit_of_work():
        follower = fault_followers.follow(fault, way="none", address="audit", language="sv", now=clock.now())
    return {
        "start": "/",
        "form": "/new",
        "form with a category": "/new?kind=felanmalan&department=sb&category=sb.belysning",
        "form in a frame": "/embed/new?language={language}",
        "look-up": "/case/",
        "own page": f"/case/{code}",
        "own page, asked": f"/case/{waiting}",
        "receipt": f"/case/{code}/receipt",
        "contact": f"/case/{waiting}/contact",
        "withdrawal": f"/case/{waiting}/withdrawal",
        "link again": "/case/link",
        "known faults": "/known-faults",
        "a known fault": f"/known-faults/{fault.id}",
        "following": f"/following/{follower}",
        "what others look after": "/elsewhere",
        "accessibility": "/accessibility",
        "personal data": "/privacy",
        "not found": "/nothing-here",
    }
