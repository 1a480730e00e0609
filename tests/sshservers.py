"""A real OpenSSH server of the test's own: its own host key, one key that it lets in, SFTP alone, a free port."""

from __future__ import annotations

import getpass
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncssh

from caseflow.processes import Child, Command
from tests.foreign import PATIENCE, free_port, listening, program

SETTINGS = """Port {port}
ListenAddress 127.0.0.1
HostKey {root}/host_key
AuthorizedKeysFile {root}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
Subsystem sftp internal-sftp {options}
ForceCommand internal-sftp {options}
"""


@dataclass
class Sshd:
    """`inbox` is the folder that batches go to; `key` is let in, and `known_hosts` says who the server is."""

    root: Path
    port: int
    child: Child

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def key(self) -> Path:
        return self.root / "key"

    @property
    def known_hosts(self) -> Path:
        return self.root / "known_hosts"

    def know(self, port: int, key: asyncssh.SSHKey | None = None) -> None:
        """Pin a key, the server's own unless another is given, for this port of the loopback."""
        public = key.export_public_key().decode() if key else (self.root / "host_key.pub").read_text()
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {public}")

    def url(self, *, folder: str | None = None, port: int | None = None, key: Path | None = None) -> str:
        files = f"?key={quote(str(key or self.key))}&host_key={quote(str(self.known_hosts))}"
        return f"sftp://{getpass.getuser()}@127.0.0.1:{port or self.port}{quote(folder or str(self.inbox))}{files}"


@contextmanager
def serving_files(root: Path, *, read_only: bool = False) -> Iterator[Sshd]:
    """A server until the block ends."""
    server, port = program("sshd", "openssh-server"), free_port()
    (root / "inbox").mkdir(parents=True)
    new_key(root / "host_key")
    (root / "authorized_keys").write_text(new_key(root / "key").export_public_key().decode())
    (root / "sshd_config").write_text(SETTINGS.format(port=port, root=root, options="-R" if read_only else ""))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd drops its privileges: no setting moves it
    argv, log = (server, "-D", "-e", "-f", str(root / "sshd_config")), root / "log"
    child = Child(Command(name="sshd", argv=argv, environ=os.environ, folder=root, log=log, farewell=signal.SIGTERM))
    try:
        listening(child, port)
        ours = Sshd(root, port, child)
        ours.know(port)
        yield ours
    finally:
        child.stop(PATIENCE)


def new_key(path: Path, passphrase: str | None = None) -> asyncssh.SSHKey:
    """A new key pair, at the path and with `.pub` after it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.write_bytes(key.export_private_key("pkcs8-pem" if passphrase else "openssh", passphrase))
    path.chmod(0o600)
    path.with_suffix(".pub").write_bytes(key.export_public_key())
    return key
