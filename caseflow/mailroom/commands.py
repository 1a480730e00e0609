"""`flask --app wsgi ingest-mail`: a mail from a pipe, as mail servers make one."""

from __future__ import annotations

import sys

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from caseflow import clock
from caseflow.mailroom import ingest

log = structlog.get_logger(__name__)

# sysexits.h: a mail server tries again after the first, and sends the mail back after the second.
TEMPFAIL, DATAERR = 75, 65


@click.command("ingest-mail")
@with_appcontext
def ingest_mail() -> None:
    """Take in one mail (RFC 822) from standard input.

    Exit codes for mail servers: 0 stored, 65 nothing came, 75 not stored now, try again. A program that cannot start
    at all exits otherwise, so have your server run: sh -c 'flask --app wsgi ingest-mail || exit 75'. With Postfix's
    pipe(8), flags=DRX tells for whom the mail is.
    """
    raw = sys.stdin.buffer.read()
    if not raw.strip():
        sys.exit(DATAERR)
    config = current_app.config
    try:
        mail_id = ingest.keep(raw, ingest.Origin("pipe", clock.now()), config)
    except Exception as error:  # database away, disk full: whatever it is, the mail server still has the mail
        log.error("mail_not_stored", error=type(error).__name__)
        sys.exit(TEMPFAIL)
    try:
        ingest.process(mail_id, config)
    except Exception as error:  # it is stored: a worker takes it up
        log.error("mail_not_dealt_with", mail=mail_id, error=type(error).__name__)
