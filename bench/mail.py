"""Mails a second with one line for each against one line for many: `python -m bench.mail [--mails N]`.

A real SMTP server in a process of its own on the loopback asks for STARTTLS and a login, as a municipality's relay
does. Both ways run in turn in the same run, and the median of the rounds counts. Only the line is measured: what a
worker does besides (the database, the templates) is the same for both.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from multiprocessing.connection import Connection
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from rich.console import Console
from rich.table import Table

from caseflow.messages import smtp
from caseflow.messages.channels import Accepted

ROUNDS, WARM_UP = 15, 2
USER, PASSWORD = "relay", "a-password-of-the-benchmark"
WAYS = {"one line for each": 1, "one line for up to 100": smtp.MAILS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=60)
    mails = parser.parse_args().mails
    with tempfile.TemporaryDirectory() as folder:
        certificate = _certificate(Path(folder))
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        relay = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, certificate), daemon=True)
        relay.start()
        theirs.close()  # so that a relay that dies is noticed
        try:
            address = f"smtp://{USER}:{PASSWORD}@localhost:{ours.recv()}?ca={certificate[0]}"
            _print(_measure(address, mails), mails)
        finally:
            smtp.lines.hang_up()
            relay.terminate()


def _measure(address: str, mails: int) -> dict[str, float]:
    """Mails a second of each way, in the order of the table; the first is the measure of the others."""
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, mails_a_line in WAYS.items():
            config = {"SMTP_URL": f"{address}&mails={mails_a_line}", "BASE_URL": "https://arende.example.org"}
            _send(config, WARM_UP)
            began = time.perf_counter()
            _send(config, mails)
            rates[way].append(mails / (time.perf_counter() - began))
    return {way: statistics.median(found) for way, found in rates.items()}


def _send(config: dict[str, str], mails: int) -> None:
    mail = _mail()
    for _ in range(mails):
        outcome = smtp.transmit(mail, "kommun@example.org", "rut@example.org", config)
        assert isinstance(outcome, Accepted), outcome


def _mail() -> bytes:
    """As big as an ordinary answer is: text and HTML, some 4 kB."""
    mail = EmailMessage(policy=MAIL_POLICY.clone(cte_type="7bit"))
    mail["From"], mail["To"], mail["Subject"] = "kommun@example.org", "rut@example.org", "[2026-10023] Gatlampan"
    mail.set_content("Lampan lagas på måndag. " * 20, cte="quoted-printable")
    mail.add_alternative(f"<p>{'Lampan lagas på måndag. ' * 80}</p>", subtype="html", cte="quoted-printable")
    return mail.as_bytes()


class _Taker:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 OK"


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _serve(pipe: Connection, certificate: tuple[Path, Path]) -> None:
    logging.disable()  # aiosmtpd warns of itself at every login
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def answer() -> SMTP:
        return SMTP(_Taker(), tls_context=context, require_starttls=True, authenticator=_knows, auth_required=True)

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _certificate(folder: Path) -> tuple[Path, Path]:
    made, key = folder / "localhost.pem", folder / "localhost.key"
    what = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]  # what most mail servers have
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    argv = ["openssl", "req", "-x509", *what, *named, "-keyout", str(key), "-out", str(made)]
    subprocess.run(argv, check=True, capture_output=True)
    return made, key


def _print(rates: dict[str, float], mails: int) -> None:
    table = Table(
        title=f"{mails} mails of {len(_mail()) / 1024:.0f} kB each; medians of {ROUNDS} rounds, STARTTLS and login"
    )
    for heading in ("way", "mails a second", "ms a mail", "times the first"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    unit = next(iter(rates.values()))
    for way, rate in rates.items():
        table.add_row(way, f"{rate:,.0f}", f"{1000 / rate:.1f}", f"{rate / unit:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
