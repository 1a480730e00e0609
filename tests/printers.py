"""A real CUPS of the test's own: its own settings and spool, a free port, and queues whose tray we can look into."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from caseflow.processes import Child, Command, wait_until
from tests.foreign import PATIENCE, free_port, listening, program

SERVER = """{listen} 127.0.0.1:{port}
ServerName localhost
LogLevel info
Browsing No
DefaultAuthType Basic
WebInterface No
PreserveJobHistory {history}
MaxLogSize 0
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit All>
Order deny,allow
Allow all
</Limit>
</Policy>
"""
FILES = """ServerRoot {root}/etc
ServerBin {root}/bin
ServerKeychain {root}/etc/ssl
DataDir /usr/share/cups
DocumentRoot {root}/doc
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
TempDir {root}/spool/tmp
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
CreateSelfSignedCerts no
Printcap
FatalErrors config
"""
QUEUE = """<Printer {name}>
UUID urn:uuid:00000000-0000-4000-8000-{number:012}
DeviceURI tray:/{name}
State Idle
Accepting Yes
Shared Yes
JobSheets none none
ErrorPolicy abort-job
OpPolicy default
</Printer>
"""
# What CUPS runs for each job: `tray JOB USER TITLE COPIES OPTIONS [FILE]`.
BACKEND = """#!/bin/sh
[ $# -ge 5 ] || exit 0
while [ -e '{root}/hold' ]; do sleep 0.05; done
[ -e '{root}/jam' ] && exit 1
cat "${{6:--}}" > '{root}/tray/'"$1.part" || exit 1
printf '%s\\n%s\\n' "$3" "$5" > '{root}/tray/'"$1.slip"
mv '{root}/tray/'"$1.part" '{root}/tray/'"$1.pdf"
"""
# A printer that takes PDF as it is; with *Duplex it can print on both sides.
PPD = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "TRAY.PPD"
*Product: "(Tray)"
*Manufacturer: "caseflow"
*ModelName: "Tray"
*ShortNickName: "Tray"
*NickName: "Tray for tests"
*PSVersion: "(3010.000) 0"
*LanguageLevel: "3"
*ColorDevice: False
*DefaultColorSpace: Gray
*FileSystem: False
*cupsFilter2: "application/pdf application/pdf 0 -"
*OpenUI *PageSize/Size: PickOne
*OrderDependency: 10 AnySetup *PageSize
*DefaultPageSize: A4
*PageSize A4/A4: ""
*CloseUI: *PageSize
*OpenUI *PageRegion/Region: PickOne
*OrderDependency: 10 AnySetup *PageRegion
*DefaultPageRegion: A4
*PageRegion A4/A4: ""
*CloseUI: *PageRegion
*DefaultImageableArea: A4
*ImageableArea A4/A4: "0 0 595 842"
*DefaultPaperDimension: A4
*PaperDimension A4/A4: "595 842"
"""
DUPLEX = """*OpenUI *Duplex/Sides: PickOne
*OrderDependency: 20 AnySetup *Duplex
*DefaultDuplex: None
*Duplex None/One: ""
*Duplex DuplexNoTumble/Long: ""
*Duplex DuplexTumble/Short: ""
*CloseUI: *Duplex
"""
QUEUES = {"letters": PPD + DUPLEX, "single": PPD}


@dataclass(frozen=True)
class Printed:
    """A job as the backend got it: the name of the job, its options and the document."""

    title: str
    options: list[str]
    pdf: bytes


@dataclass
class Cups:
    """`url` is the queue that can print on both sides; `command` runs CUPS's own client programs."""

    root: Path
    port: int
    child: Child

    @property
    def url(self) -> str:
        return self.queue("letters")

    def queue(self, name: str, scheme: str = "ipp", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/printers/{name}"

    def tray(self, jobs: int = 1) -> list[Printed]:
        """What lies in the tray, oldest first, once it is at least so many jobs."""
        tray = self.root / "tray"
        wait_until(lambda: len(list(tray.glob("*.pdf"))) >= jobs, PATIENCE)
        return [_printed(path) for path in sorted(tray.glob("*.pdf"), key=lambda path: int(path.stem))]

    def command(self, *argv: str) -> str:
        client = program(argv[0], "cups-client")
        ran = subprocess.run(
            [client, "-h", f"127.0.0.1:{self.port}", *argv[1:]], capture_output=True, text=True, timeout=PATIENCE
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def jam(self) -> None:
        """From now on what is printed fails."""
        (self.root / "jam").touch()

    def hold(self) -> None:
        """From now on what is printed takes for ever."""
        (self.root / "hold").touch()


def _printed(path: Path) -> Printed:
    title, options = path.with_suffix(".slip").read_text().splitlines()
    return Printed(title, options.split(), path.read_bytes())


@contextmanager
def printing(root: Path, *, history: bool = True, certificate: tuple[Path, Path] | None = None) -> Iterator[Cups]:
    """A CUPS until the block ends; with a certificate and its key it speaks TLS only, as localhost."""
    server, port = program("cupsd", "cups-daemon"), free_port()
    _furnish(root, port, history, certificate)
    settings = ("-c", str(root / "etc" / "cupsd.conf"), "-s", str(root / "etc" / "cups-files.conf"))
    argv, log = (server, "-f", *settings), root / "log" / "output"
    child = Child(Command(name="cupsd", argv=argv, environ=os.environ, folder=root, log=log, farewell=signal.SIGTERM))
    try:
        listening(child, port)
        yield Cups(root, port, child)
    finally:
        child.stop(PATIENCE)


def _furnish(root: Path, port: int, history: bool, certificate: tuple[Path, Path] | None) -> None:
    for name in ("etc/ppd", "etc/ssl", "bin/backend", "bin/daemon", "bin/filter", "doc", "log", "spool/tmp", "tray"):
        (root / name).mkdir(parents=True)
    (root / "bin" / "daemon" / "cups-exec").symlink_to("/usr/lib/cups/daemon/cups-exec")
    backend = root / "bin" / "backend" / "tray"
    backend.write_text(BACKEND.format(root=root))
    backend.chmod(0o700)  # where cupsd is root, this makes it run the backend as root, who may write into our folders
    for path, suffix in zip(certificate or (), ("crt", "key"), strict=False):
        (root / "etc" / "ssl" / f"localhost.{suffix}").write_bytes(path.read_bytes())
    how = {"listen": "SSLListen" if certificate else "Listen", "history": "Yes" if history else "No"}
    (root / "etc" / "cupsd.conf").write_text(SERVER.format(port=port, **how))
    (root / "etc" / "cups-files.conf").write_text(FILES.format(root=root))
    queues = "".join(QUEUE.format(name=name, number=number) for number, name in enumerate(QUEUES))
    (root / "etc" / "printers.conf").write_text(queues)
    for name, ppd in QUEUES.items():
        (root / "etc" / "ppd" / f"{name}.ppd").write_text(ppd)
