"""Replies as programs see them that we did not write: Debian's mail server takes them, its mail program reads them.

exim4 demands STARTTLS and a login and puts the mails into a Maildir; s-nail opens that.
"""

from __future__ import annotations

import mailbox
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote

import pytest
from flask import Flask

from caseflow import files
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case, Municipality
from caseflow.database import db, unit_of_work
from caseflow.messages import addresses, smtp
from caseflow.messages.models import Message
from tests.messages.mailservers import certificate
from tests.messages.posting import fresh, reply

__all__ = ["certificate"]
Make = Callable[..., Case]
EXIM = "Debian-exim"  # its user: others may not start it as a server, and root may not deliver mail
WAIT = 20  # seconds for exim to come up, and to deliver
CONFIGURATION = """
primary_hostname = localhost
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max_per_connection = 1000
tls_advertise_hosts = *
tls_certificate = {folder}/tls/localhost.pem
tls_privatekey = {folder}/tls/localhost.key
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}
acl_smtp_rcpt = check
acl_smtp_data = accept
begin acl
check:
  accept authenticated = *
  deny message = log in first
begin routers
everybody:
  driver = accept
  transport = kept
begin transports
kept:
  driver = appendfile
  directory = {folder}/Maildir
  maildir_format
  create_directory
  return_path_add
  envelope_to_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{relay}}}}{{eq{{$auth3}}{{a secret}}}}}}}}
  server_set_id = $auth2
"""


def _program(name: str) -> str:
    """Its path; the test is skipped where Debian has not put it, or fails where it is demanded."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or _stop(f"{name} is not installed")


def _stop(why: str) -> NoReturn:
    stop = pytest.fail if os.environ.get("CASEFLOW_REQUIRE_SERVERS") == "1" else pytest.skip
    stop(f"{why}: NO PROGRAM THAT WE DID NOT WRITE HAS SEEN OUR MAIL")


@pytest.fixture
def exim(app: Flask, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A running exim with the app's SMTP_URL pointing at it; the folder of its Maildir and log."""
    program = _program("exim4")
    if os.getuid() != 0:
        _stop("only root may start exim as its own user")
    with tempfile.TemporaryDirectory(prefix="exim-") as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), free.getsockname()[1]
        free.close()
        (folder / "tls").mkdir()  # of its own: exim reads the certificate anew whenever a file beside it changes
        for file in certificate:
            shutil.copy(file, folder / "tls" / f"localhost{file.suffix}")
        (folder / "exim.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, EXIM)
        argv = [program, "-C", str(folder / "exim.conf"), "-bdf"]
        running = subprocess.Popen(argv, user=EXIM, group=EXIM, extra_groups=[], stderr=subprocess.PIPE, cwd=folder)
        try:
            _until(lambda: _answers(port), f"exim says nothing: {running.poll()}")
            url = f"smtp://relay:a%20secret@localhost:{port}?ca={certificate[0]}"
            monkeypatch.setitem(app.config, "SMTP_URL", url)
            yield folder
            smtp.lines.hang_up()
        finally:
            running.terminate()
            running.wait(10)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            return line.recv(3) == b"220"
    except OSError:
        return False


def _until(done: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + WAIT
    while not done():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


def _arrived(folder: Path, count: int) -> mailbox.Maildir:
    path = folder / "Maildir" / "new"
    _until(lambda: path.is_dir() and len(list(path.iterdir())) == count, "exim has delivered nothing")
    return mailbox.Maildir(folder / "Maildir")


@pytest.fixture
def case(app: Flask, resident_case: Make) -> Case:
    """A case of a municipality that has a mailbox for answers."""
    with unit_of_work():
        db.session.get_one(Municipality, 1).mailbox = "arende@example.org"
    return resident_case(name="Åse Öberg")


def test_a_mail_server_and_a_mail_program_of_debians_understand_our_replies(
    app: Flask, exim: Path, case: Case, clerk: Staff
) -> None:
    message = reply(case, clerk, text="Lampan lagas på måndag. 🔧\n\n.\n– Tack för att du skrev")
    with unit_of_work():
        kept = fresh(message)
        listed = {"name": "Ritning över Storgatan.pdf", "media_type": "application/pdf"}
        sha256 = files.keep(b"%PDF-1.7 \x00\xff", app.config)
        kept.frame = {**kept.frame, "attachments": [{**listed, "sha256": sha256}]}
    for message_id in (1, message.id):
        deliveries.deliver(message_id)
    assert [fresh(message).status, fresh(message).error] == ["accepted", None]
    smtp.lines.hang_up()
    paths = _arrived(exim, 2)
    receipts, answers = (
        [mail for mail in paths if (mail["Auto-Submitted"] is not None) is automatic] for automatic in (True, False)
    )
    [mail] = answers
    secret = app.config["SECRET_KEY"]
    paths_back = [one["Return-path"].strip("<>") for one in receipts + answers]
    bounces = [addresses.read(path, "arende@example.org", secret) for path in paths_back]
    assert bounces == [addresses.ForMessage(1), addresses.ForMessage(message.id)]
    assert mail["Envelope-to"] == "rut@example.org"
    log = (exim / "mainlog").read_text()
    assert log.count("A=plain:relay") == log.count("X=TLS1.") == 2
    read = _as_s_nail_shows_it(exim / "Maildir", f"[{case.number}] Gatlampan")
    for words in ("Lampan lagas på måndag. 🔧", "– Tack för att du skrev", "Åse Öberg"):
        assert words in read
    for header in ("In-Reply-To:", "References:", f"Reply-To: Finspångs kommun <arende+{case.number}."):
        assert header in read
    assert "Ritning över Storgatan.pdf" in unquote(read)  # it shows a part's header as it stands (RFC 2231)
    assert "=C3" not in read
    assert "?utf-8?" not in read


def _as_s_nail_shows_it(maildir: Path, subject: str) -> str:
    """The mail with such a subject: headers, text and the names of what is attached."""
    settings = ("ttycharset=utf-8", "quiet", "crt=", "screen=0")
    options = [option for setting in settings for option in ("-S", setting)]
    commands = [option for command in ("headers", "Type 1 2", "xit") for option in ("-Y", command)]
    argv = [_program("s-nail"), "-:/", "-R", *options, *commands, "-f", str(maildir)]
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(maildir), "TERM": "dumb"}
    done = subprocess.run(argv, env=plain, capture_output=True, text=True, timeout=30, check=False, input="")
    assert subject in done.stdout, done.stdout + done.stderr
    return done.stdout


def test_a_wrong_password_is_refused_by_a_server_that_we_did_not_write(
    app: Flask, exim: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", app.config["SMTP_URL"].replace("a%20secret", "wrong"))
    deliveries.deliver(1)
    message = db.session.get_one(Message, 1, populate_existing=True)
    assert message.status == "queued"
    assert "535" in str(message.error)
