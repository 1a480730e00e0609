"""`flask ingest-mail` as a mail server runs it: a process with a mail on its standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask import Flask

from caseflow import ROOT
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.models import IncomingMail
from tests.crew import KEPT
from tests.mailroom.conftest import counted
from tests.mailroom.mailprograms import fresh


def run(environment: Mapping[str, str], raw: bytes) -> subprocess.CompletedProcess[bytes]:
    ours = {name: os.environ[name] for name in KEPT if name in os.environ}
    argv = [sys.executable, "-m", "flask", "--app", "wsgi", "ingest-mail"]
    return subprocess.run(argv, input=raw, env={**ours, **environment}, cwd=ROOT, capture_output=True, check=False)


def test_a_mail_is_stored_and_filed(environment: dict[str, str], mailbox: str) -> None:
    raw = b"From rut@example.org Mon Nov 23 14:05:11 2026\r\n" + fresh("Lampan", "Den är släckt.")
    done = run(environment, raw)
    assert done.returncode == 0, done.stderr
    assert db.session.scalars(sa.select(IncomingMail.outcome)).all() == ["filed"]
    assert counted(Case) == 1


def test_a_database_that_is_away_leaves_the_mail_with_its_server(
    app: Flask, mailbox: str, database_away: Callable[[], None]
) -> None:
    database_away()
    mail = fresh("Lampan", "Den är släckt.")
    assert app.test_cli_runner().invoke(args=["ingest-mail"], input=mail).exit_code == 75


def test_an_empty_mail_is_refused(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["ingest-mail"], input=b"\n").exit_code == 65
    assert counted(IncomingMail) == 0
