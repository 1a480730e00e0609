"""Handing letter batches over to whoever prints them: one file a way, one line each in the registry below."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from caseflow.messages.handover.port import Adapter, Batch, Handed, Limits, Missing, Refused, Unclear
from caseflow.messages.handover.target import Target

# By the scheme of LETTERS_URL. Loaded when a batch leaves: an SSH library costs 20 MB and a quarter of a second, which
# no web process and no command should pay at its start.
REGISTRY = {
    "folder": "caseflow.messages.handover.folder",
    "ipp": "caseflow.messages.handover.ipp",
    "ipps": "caseflow.messages.handover.ipp",
    "sftp": "caseflow.messages.handover.sftp",
}
LIMITS = Limits()


def hand_over(batch: Batch, config: Mapping[str, Any], limits: Limits = LIMITS) -> Handed | Refused | Unclear:
    """Give the batch to where LETTERS_URL points, outside any transaction; again, it changes nothing there."""
    target = Target.of(config["LETTERS_URL"])
    return _adapter(target).hand_over(batch, target, limits)


def reconcile(batch: Batch, config: Mapping[str, Any], limits: Limits = LIMITS) -> Handed | Missing | Unclear:
    """After a crash or an `Unclear`: is the batch there? `Unclear` leaves the question to a person."""
    target = Target.of(config["LETTERS_URL"])
    return _adapter(target).reconcile(batch, target, limits)


def _adapter(target: Target) -> Adapter:
    return cast(Adapter, import_module(REGISTRY[target.scheme]))


__all__ = [
    "LIMITS",
    "REGISTRY",
    "Batch",
    "Handed",
    "Limits",
    "Missing",
    "Refused",
    "Target",
    "Unclear",
    "hand_over",
    "reconcile",
]
