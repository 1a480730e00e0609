"""A server that takes files over SSH: NAME.pdf, then NAME.json, each whole under a `.part` name before it gets its own.

asyncssh: typed, cryptography its one dependency, and one deadline holds for all steps (paramiko would bring bcrypt,
PyNaCl and invoke, and a timeout a call). Nothing of the machine's own SSH settings, agent or known hosts is used.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

import asyncssh

from caseflow.messages.handover import deposit
from caseflow.messages.handover.deposit import PART, Content, Lying
from caseflow.messages.handover.port import Batch, Handed, Limits, Missing, Refused, Unclear
from caseflow.messages.handover.target import Target

CHUNK = 256 * 1024  # bytes: what one step sends or fetches

T = TypeVar("T")


class _Failed(Exception):
    """Something is not as it must be; the text is for the operator."""


FAULTS = (OSError, asyncssh.Error, _Failed)


@dataclass
class _Course:
    """How far a hand-over has come: `naming` once the manifest may have its name, `said` once the end is known."""

    naming: bool = False
    said: Handed | Refused | None = None


def hand_over(batch: Batch, target: Target, limits: Limits) -> Handed | Refused | Unclear:
    return _apart(_hand_over(batch, target, limits))


def reconcile(batch: Batch, target: Target, limits: Limits) -> Handed | Missing | Unclear:
    return _apart(_reconcile(batch, target, limits))


def _apart(work: Coroutine[object, object, T]) -> T:
    """In a thread of its own: asyncio refuses one that runs a loop already, and whose thread this is we cannot know."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _hand_over(batch: Batch, target: Target, limits: Limits) -> Handed | Refused | Unclear:
    """Until the manifest gets its name nobody collects, a loss is a plain retry; a lost farewell changes nothing."""
    course = _Course()
    try:
        async with asyncio.timeout(limits.in_all), _place(target, limits) as place:
            course.said = deposit.already(await place.look(batch), place.reference(batch))
            if not course.said:
                await _put(batch, place, course)
    except FAULTS as error:
        lost = Unclear(_reason(error)) if course.naming else Refused(permanent=False, reason=_reason(error))
        return course.said or lost
    assert course.said is not None  # what went wrong was raised
    return course.said


async def _reconcile(batch: Batch, target: Target, limits: Limits) -> Handed | Missing | Unclear:
    try:
        async with asyncio.timeout(limits.in_all), _place(target, limits) as place:
            return deposit.afterwards(await place.look(batch), place.reference(batch))
    except FAULTS as error:
        return Unclear(_reason(error))


async def _put(batch: Batch, place: _Place, course: _Course) -> None:
    pdf, manifest = deposit.files(batch)
    await place.write(*pdf)
    await place.write(*manifest)
    await place.rename(pdf[0])
    course.naming = True
    await place.rename(manifest[0])
    course.said = Handed(place.reference(batch))


class _Place:
    """A folder on the server; every step has its time."""

    def __init__(self, sftp: asyncssh.SFTPClient, target: Target, limits: Limits) -> None:
        self._sftp, self._target, self._limits = sftp, target, limits
        self._folder = PurePosixPath(target.path)

    def reference(self, batch: Batch) -> str:
        return f"{self._target.authority}{self._folder / batch.name}.pdf"

    async def look(self, batch: Batch) -> Lying:
        if not await self._step(self._sftp.isdir(self._folder)):
            raise _Failed("the folder for letters is missing on the server")
        pdf, manifest = deposit.files(batch)
        parts = [await self._step(self._sftp.exists(self._folder / f"{name}{PART}")) for name, _ in (pdf, manifest)]
        return Lying(await self._compared(*pdf), await self._compared(*manifest), any(parts))

    async def write(self, name: str, content: bytes) -> None:
        """A whole `.part`, or an exception. SSH itself watches over the bytes on their way (RFC 4253, 6.4)."""
        part = self._folder / f"{name}{PART}"
        file = await self._step(self._sftp.open(part, "wb"))  # not closed when a step fails: its connection ends
        for start in range(0, len(content), CHUNK):
            await self._step(file.write(content[start : start + CHUNK]))
        with suppress(asyncssh.SFTPOpUnsupported):
            await self._step(file.fsync())
        await self._step(file.close())
        if await self._step(self._sftp.getsize(part)) != len(content):
            raise _Failed("the server did not keep the whole file")

    async def rename(self, name: str) -> None:
        """In one move, over a file of ours where there is one."""
        old, new = self._folder / f"{name}{PART}", self._folder / name
        try:
            await self._step(self._sftp.posix_rename(old, new))
        except asyncssh.SFTPOpUnsupported:
            await self._step(self._sftp.rename(old, new))

    async def _compared(self, name: str, content: bytes) -> Content:
        path = self._folder / name
        if not await self._step(self._sftp.exists(path)):
            return "absent"
        if await self._step(self._sftp.getsize(path)) != len(content):
            return "other"
        file = await self._step(self._sftp.open(path, "rb"))
        for start in range(0, len(content), CHUNK):
            piece = content[start : start + CHUNK]
            found: bytes = await self._step(file.read(len(piece), start))
            if found != piece:
                return "other"
        return "same"

    async def _step(self, doing: Awaitable[T]) -> T:
        async with asyncio.timeout(self._limits.step):
            return await doing


@asynccontextmanager
async def _place(target: Target, limits: Limits) -> AsyncIterator[_Place]:
    async with await _connected(target, limits) as connection:
        async with asyncio.timeout(limits.step):
            sftp = await connection.start_sftp_client()
        yield _Place(sftp, target, limits)


async def _connected(target: Target, limits: Limits) -> asyncssh.SSHClientConnection:
    """Logged in. Settings of whoever runs this process (~/.ssh, an agent) count for nothing."""
    known_hosts, key = _pinned(target)
    who = {"username": target.user, "client_keys": [key], "known_hosts": known_hosts}
    own = {"config": None, "agent_path": None, "preferred_auth": "publickey", "connect_timeout": limits.step}
    try:
        return await asyncssh.connect(target.host, target.port, **who, **own)
    except (asyncssh.ConnectionLost, asyncssh.KeyExchangeFailed, ConnectionResetError):
        # Also how a server ends that has no key of the kinds that are pinned for it, and so are asked for.
        raise _Failed("the server hung up: is its host key of another kind than the pinned one?") from None


def _pinned(target: Target) -> tuple[asyncssh.SSHKnownHosts, asyncssh.SSHKey]:
    """The server's keys and ours; what is wrong with the files is said without a word of what stands in them."""
    try:
        known_hosts = asyncssh.read_known_hosts(target.host_key)
    except (OSError, ValueError):
        raise _Failed("the file with the server's host key (host_key) cannot be read") from None
    try:
        return known_hosts, asyncssh.read_private_key(target.key)
    except (OSError, ValueError, asyncssh.Error):
        raise _Failed("the file with our private key (key) cannot be read, or wants a passphrase") from None


def _reason(error: Exception) -> str:
    """For the operator."""
    match error:
        case TimeoutError():
            return "the server did not answer in time"
        case asyncssh.HostKeyNotVerifiable():
            return "the server's host key is not the pinned one: it is unknown, or it has changed"
        case asyncssh.PermissionDenied():
            return "the server does not let this user in with this key"
        case asyncssh.SFTPPermissionDenied() | asyncssh.SFTPWriteProtect():
            return "the server does not allow this user to write there"
        case asyncssh.SFTPNoSpaceOnFilesystem() | asyncssh.SFTPQuotaExceeded():
            return "the server's disk is full"
        case asyncssh.SFTPFailure():
            return "the server could not write the file: is its disk full?"
        case ConnectionRefusedError():
            return "the server does not take connections: is it running?"
        case (
            asyncssh.DisconnectError() | asyncssh.SFTPConnectionLost() | asyncssh.SFTPNoConnection() | ConnectionError()
        ):
            return "the connection to the server was lost"
        case socket.gaierror():
            return "the server's name is not known"
        case OSError():
            return f"the server cannot be reached: {error.strerror or error}"[:200]
        case asyncssh.Error():
            return f"the server refused: {' '.join(error.reason.split())}"[:200]
        case _:
            return str(error)[:200]
