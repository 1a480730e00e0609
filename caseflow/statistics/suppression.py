"""Small numbers hidden in a table with totals, and as many others beside them as it takes that nobody reckons them out.

Pure. A reader knows what is shown, that totals are sums, and that what is hidden is not 0. From that alone the reader
could say, by linear programming, between which bounds each hidden number lies. Cells are hidden until these bounds
leave every small number at least SPREAD apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

import numpy as np

# The name of the row and of the column that hold the totals.
TOTAL = ""
# Numbers from 1 up to below this are small.
LEAST = 5
SPREAD = 3

Cell = tuple[str, str]
Table = Mapping[Cell, int]


def protected(counts: Table) -> dict[Cell, int | None]:
    """The table with its totals (TOTAL), None where a number is hidden."""
    whole = with_totals(counts)
    small = {cell for cell, number in whole.items() if 0 < number < LEAST}
    hidden = set(small)
    while exposed := [cell for cell in sorted(small) if not _is_safe(cell, whole, hidden)]:
        more = {found for cell in exposed if (found := _beside(cell, whole, hidden))}
        hidden |= more or {cell for cell, number in whole.items() if number}
    return {cell: None if cell in hidden else number for cell, number in whole.items()}


def with_totals(counts: Table) -> dict[Cell, int]:
    """The same with every row, every column and everything summed up; what is not named is 0."""
    rows, columns = sorted({row for row, _ in counts}), sorted({column for _, column in counts})
    whole = {cell: counts.get(cell, 0) for cell in product(rows, columns)}
    whole |= {(row, TOTAL): sum(whole[row, column] for column in columns) for row in rows}
    whole |= {(TOTAL, column): sum(whole[row, column] for row in rows) for column in columns}
    return {**whole, (TOTAL, TOTAL): sum(counts.values())}


def lines(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Every row and every column, the total last: it is the sum of the others."""
    cells = set(cells)
    for place, names in ((0, {row for row, _ in cells}), (1, {column for _, column in cells})):
        for name in sorted(names):
            line = [cell for cell in cells if cell[place] == name]
            yield sorted(line, key=lambda cell: (cell[1 - place] == TOTAL, cell))


def bounds(cell: Cell, shown: Mapping[Cell, int | None]) -> tuple[float, float]:
    """Between which numbers a reader knows that the hidden cell lies."""
    from scipy.optimize import linprog  # half a second of starting that only who publishes a month needs

    unknown = [one for one, number in shown.items() if number is None]
    weights, sums = [], []
    for line in lines(shown):
        *parts, total = line
        row = [float((one in parts) - (one == total)) for one in unknown]
        if any(row):
            known = sum(shown[one] or 0 for one in parts)
            weights.append(row)
            sums.append(float((shown[total] or 0) - known))
    wanted = np.array([float(one == cell) for one in unknown])
    least, most = (
        linprog(sign * wanted, A_eq=np.array(weights), b_eq=np.array(sums), bounds=(1, None), method="highs")
        for sign in (1, -1)
    )
    return (least.fun if least.success else 1.0, -most.fun if most.success else float("inf"))


def _is_safe(cell: Cell, whole: Mapping[Cell, int], hidden: set[Cell]) -> bool:
    shown = {one: None if one in hidden else number for one, number in whole.items()}
    least, most = bounds(cell, shown)
    return most - least >= SPREAD - 1e-6


def _beside(cell: Cell, whole: Mapping[Cell, int], hidden: set[Cell]) -> Cell | None:
    """The cheapest number to hide besides: a small one of the same row or column, and a total last."""
    near = [
        one
        for one, number in whole.items()
        if number and one not in hidden and (one[0] == cell[0] or one[1] == cell[1])
    ]
    return min(near, key=lambda one: (TOTAL in one, whole[one], one), default=None)
