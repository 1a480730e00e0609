"""What is kept back of the parts of a whole, so that nobody reckons out a small one by taking the others from it."""

from __future__ import annotations

from collections.abc import Mapping

from caseflow.statistics.definitions import MIN_N


def hidden(numbers: Mapping[str, int]) -> set[str]:
    """The parts below MIN_N, and the smallest of the others until those that are not told are enough together, and more
    than one. A part of which there is nothing tells nothing."""
    parts = sorted((n, code) for code, n in numbers.items() if n)
    small = [pair for pair in parts if pair[0] < MIN_N]
    found, together = {code for _n, code in small}, sum(n for n, _code in small)
    for n, code in parts[len(small) :] if small else ():
        if together >= MIN_N and len(found) > 1:
            break
        found.add(code)
        together += n
    return found
