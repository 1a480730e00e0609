"""From which precision a suggestion is carried out by itself: a municipality's own choice, and by default never."""

from __future__ import annotations

from collections.abc import Mapping

LOWEST = 0.9


def check(given: Mapping[str, object]) -> float | None:
    """The threshold of a municipality's `suggestions`, None for never; ValueError in words."""
    if unknown := ", ".join(str(name) for name in given if name != "apply_above"):
        raise ValueError(f"nobody knows {unknown}")
    threshold = given.get("apply_above")
    if threshold is None:
        return None
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not LOWEST <= threshold <= 1:
        raise ValueError(f"apply_above is a share from {LOWEST} to 1, or missing: then nothing is done by itself")
    return float(threshold)
