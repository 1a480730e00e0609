"""A batch as two files, and what their presence says; the same for a folder and for a server.

Both are written whole under `.part` names, then the PDF gets its name and the manifest last: who collects may begin
when the manifest is there. So a `.part` proves that nobody has begun, while an empty place proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from caseflow.messages.handover.port import Batch, Handed, Missing, Refused, Unclear

Content = Literal["absent", "same", "other"]
PART = ".part"


@dataclass(frozen=True)
class Lying:
    """What lies under the batch's names: its PDF and its manifest, or others of these names; `begun`: a `.part`."""

    pdf: Content
    manifest: Content
    begun: bool


def files(batch: Batch) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """Name and content of the two files, in the order in which they get their names."""
    return (f"{batch.name}.pdf", batch.pdf), (f"{batch.name}.json", batch.manifest)


def already(lying: Lying, reference: str) -> Handed | Refused | None:
    """The answer before anything is written; None where it may be."""
    if "other" in (lying.pdf, lying.manifest):
        return Refused(permanent=True, reason="another batch of the same name already lies there")
    return Handed(reference) if lying.manifest == "same" else None


def afterwards(lying: Lying, reference: str) -> Handed | Missing | Unclear:
    """The answer after a hand-over whose end nobody saw."""
    if "other" in (lying.pdf, lying.manifest):
        return Unclear("another batch of the same name lies there")
    if lying.manifest == "same":
        return Handed(reference)
    if lying.begun:
        return Missing()
    return Unclear("the batch does not lie there: it has been collected already, or it never arrived")
