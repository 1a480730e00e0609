"""Choices from a seeded random number generator, even or weighted."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

# A number from 0 up to 1, as `random.Random(seed).random` gives it.
Rnd = Callable[[], float]


def pick(rnd: Rnd, items: Sequence[T]) -> T:
    """Any of the items, each as likely as the others."""
    return items[int(rnd() * len(items))]


class Wheel(Generic[T]):
    """A weighted choice, prepared once so that each turn costs one bisection."""

    __slots__ = ("_items", "_last", "_sums", "_total")

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        pairs = [(item, weight) for item, weight in weighted if weight > 0]
        if not pairs:
            raise ValueError("nothing to choose from")
        self._items = [item for item, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))
        self._total, self._last = self._sums[-1], len(pairs) - 1

    def at(self, point: float) -> T:
        """The item at a point from 0 up to 1, which a random number gives."""
        return self._items[bisect(self._sums, point * self._total, 0, self._last)]
