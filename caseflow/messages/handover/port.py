"""What a hand-over is: a batch of letters goes to whoever prints it, and the adapter says truly what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from caseflow.messages.handover.target import Target


@dataclass(frozen=True)
class Batch:
    """A batch as it leaves the house, the same bytes at each try. `manifest` is UTF-8 JSON: see `of`.

    `name` is unique and stable: with it the other side is asked whether it has the batch already.
    """

    name: str
    pdf: bytes = field(repr=False)
    manifest: bytes = field(repr=False)
    sheets: int
    duplex: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z0-9][a-z0-9-]{0,99}", self.name):
            raise ValueError("a batch is named with a to z, 0 to 9 and hyphens, because its files are named after it")

    @classmethod
    def of(cls, name: str, pdf: bytes, letters: Sequence[Mapping[str, Any]], *, duplex: bool = True) -> Batch:
        """A bound PDF with its manifest. Each letter has message, case, first_page, pages and sha256 (see `binding`);
        the whole file's sha256, pages and sheets of paper are added. No time stands in it: two tries are the same.
        """
        sheets = sum((letter["pages"] + 1) // 2 if duplex else letter["pages"] for letter in letters)
        lines = [
            {key: letter[key] for key in ("message", "case", "first_page", "pages", "sha256")} for letter in letters
        ]
        whole = {"batch": name, "file": f"{name}.pdf", "sha256": sha256(pdf).hexdigest(), "bytes": len(pdf)}
        whole |= {"duplex": duplex, "sheets": sheets, "letters": lines}
        return cls(name, pdf, (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode(), sheets, duplex)


@dataclass(frozen=True)
class Handed:
    """The other side has the batch; `reference` is where or under which name."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """The other side has nothing of it. A permanent refusal needs a person; another is tried again later."""

    permanent: bool
    reason: str


@dataclass(frozen=True)
class Unclear:
    """The other side may have it: `reconcile` says, or a person."""

    reason: str


@dataclass(frozen=True)
class Missing:
    """The other side certainly does not have the batch: it may be handed over again."""


@dataclass(frozen=True)
class Limits:
    """Seconds that one step may take, and all steps together: less than a task may live (broker.init_app)."""

    step: float = 10
    in_all: float = 60


class Adapter(Protocol):
    """A module with these two functions. Neither raises for what the other side does; no reason holds a secret."""

    def hand_over(self, batch: Batch, target: Target, limits: Limits) -> Handed | Refused | Unclear: ...

    def reconcile(self, batch: Batch, target: Target, limits: Limits) -> Handed | Missing | Unclear:
        """After a crash or an `Unclear`: does the other side have the batch?"""
        ...
