"""A real IMAP server: Debian's dovecot, started by the test as a process of its own, over Maildir folders."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.messages.mailservers import certificate

__all__ = ["certificate", "imap_server"]

PASSWORD = "ett-långt-lösenord"
CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
{capability}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/homes/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class ImapServer:
    """Every user name has a mailbox of its own; `capability` replaces what the server says that it can."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path], capability: str | None = None) -> None:
        self.folder, self._certificate = folder, certificate
        self.port, self.tls_port = _free_port(), _free_port()
        self._owner = _owner()
        for name in ("homes", "run", "state"):
            (folder / name).mkdir(mode=0o755)
        os.chown(folder / "homes", *self._owner)
        (folder / "dovecot.conf").write_text(self._config(capability), encoding="utf-8")
        program = [_dovecot(), "-F", "-c", str(folder / "dovecot.conf")]
        self._process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=(folder / "stderr").open("wb"))

    def url(self, user: str, *, tls: bool = True, ca: Path | None = None, **more: str) -> str:
        """The IMAP_URL of a user's mailbox."""
        query = "&".join(f"{name}={value}" for name, value in {"ca": str(ca or self._certificate[0]), **more}.items())
        where = f"imaps://{{}}127.0.0.1:{self.tls_port}" if tls else f"imap://{{}}127.0.0.1:{self.port}"
        return where.format(f"{user}:{quote(PASSWORD)}@") + f"/INBOX?{query}"

    def deliver(self, user: str, raw: bytes) -> None:
        """Put a mail into the mailbox as a mail server does: whole, by a rename."""
        maildir = self._maildir(user)
        for name in ("", "tmp", "new", "cur"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
            os.chown(maildir / name, *self._owner)
        os.chown(maildir.parent, *self._owner)
        part = maildir / "tmp" / f"{time.time_ns()}.{uuid.uuid4().hex}.test"
        part.write_bytes(raw)
        os.chown(part, *self._owner)
        part.rename(maildir / "new" / part.name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder and is not marked as deleted."""
        maildir = self._maildir(user) if folder == "INBOX" else self._maildir(user) / f".{folder}"
        found = sorted(path for sub in ("new", "cur") for path in (maildir / sub).glob("*"))
        return [path.read_bytes() for path in found if "T" not in path.name.partition(":2,")[2]]

    def forget_uids(self, user: str) -> None:
        """As after a restored backup: the mailbox has a new UIDVALIDITY."""
        for path in self._maildir(user).glob("dovecot*"):
            path.unlink()

    def wait(self) -> None:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.tls_port), 1):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        said = (self.folder / "stderr").read_text() + "".join(path.read_text() for path in self.folder.glob("log"))
        raise AssertionError(f"dovecot did not start: {said}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _maildir(self, user: str) -> Path:
        return self.folder / "homes" / user / "Maildir"

    def _config(self, capability: str | None) -> str:
        root = os.geteuid() == 0
        ours = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
        certificate, key = self._certificate
        return CONFIG.format(
            base=self.folder,
            internal="dovecot" if root else ours[0],
            internal_group="dovecot" if root else ours[1],
            login="dovenull" if root else ours[0],
            certificate=certificate,
            key=key,
            password=PASSWORD,
            uid=self._owner[0],
            gid=self._owner[1],
            port=self.port,
            tls_port=self.tls_port,
            capability=f"imap_capability = {capability}" if capability else "",
        )


@pytest.fixture(scope="session")
def imap_server(certificate: tuple[Path, Path]) -> Iterator[ImapServer]:
    """The server as it comes, with MOVE."""
    yield from serving(certificate)


def serving(certificate: tuple[Path, Path], capability: str | None = None) -> Iterator[ImapServer]:
    """A server until the test lets go of it. Skips, and says so, where there is no dovecot."""
    if _dovecot() is None:
        missing("no dovecot here (apt-get install dovecot-imapd): MAIL COMING IN OVER IMAP NOT TESTED")
    folder = Path(tempfile.mkdtemp(prefix="cf-imap-"))  # short, for its sockets, and open for the mailboxes' owner
    folder.chmod(0o755)
    server = ImapServer(folder, certificate, capability)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def missing(reason: str) -> None:
    """Skip loudly, or fail where every server is required."""
    if os.environ.get("CASEFLOW_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _dovecot() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _owner() -> tuple[int, int]:
    """Dovecot lets nobody read mail as root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
