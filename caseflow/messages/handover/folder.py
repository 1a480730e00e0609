"""A folder that a print room watches: NAME.pdf, then NAME.json."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from caseflow.messages.handover import deposit
from caseflow.messages.handover.deposit import PART, Content, Lying
from caseflow.messages.handover.port import Batch, Handed, Limits, Missing, Refused, Unclear
from caseflow.messages.handover.target import Target


def hand_over(batch: Batch, target: Target, limits: Limits) -> Handed | Refused | Unclear:
    """Write both files. No limit ends a write to a disk that hangs: for that there is the task's own."""
    folder = Path(target.path)
    try:
        return deposit.already(_look(batch, folder), _reference(batch, folder)) or _put(batch, folder)
    except OSError as error:
        return Refused(permanent=False, reason=_reason(error))


def reconcile(batch: Batch, target: Target, limits: Limits) -> Handed | Missing | Unclear:
    folder = Path(target.path)
    try:
        return deposit.afterwards(_look(batch, folder), _reference(batch, folder))
    except OSError as error:
        return Unclear(_reason(error))


def _look(batch: Batch, folder: Path) -> Lying:
    """The folder is not made when it is missing: a share that is not mounted would hide the letters under itself."""
    os.scandir(folder).close()
    pdf, manifest = deposit.files(batch)
    begun = any((folder / f"{name}{PART}").exists() for name, _content in (pdf, manifest))
    return Lying(_compared(folder / pdf[0], pdf[1]), _compared(folder / manifest[0], manifest[1]), begun)


def _compared(path: Path, content: bytes) -> Content:
    try:
        return "same" if path.read_bytes() == content else "other"
    except FileNotFoundError:
        return "absent"


def _put(batch: Batch, folder: Path) -> Handed | Unclear:
    for name, content in deposit.files(batch):
        with (folder / f"{name}{PART}").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    (pdf, _), (manifest, _) = deposit.files(batch)
    (folder / f"{pdf}{PART}").replace(folder / pdf)
    try:
        (folder / f"{manifest}{PART}").replace(folder / manifest)
    except OSError as error:  # a network share may have done it, and lost its answer
        return Unclear(_reason(error))
    with suppress(
        OSError
    ):  # some network shares cannot; the files themselves are on disk, and may be collected already
        _sync(folder)
    return Handed(_reference(batch, folder))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reference(batch: Batch, folder: Path) -> str:
    return str(folder / f"{batch.name}.pdf")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "the folder for letters is missing: is its share mounted?"
    return f"the folder for letters cannot be used: {error.strerror or type(error).__name__}"
