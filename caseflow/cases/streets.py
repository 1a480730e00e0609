"""What tells a Swedish street from other words, in one list. `place_keys` in the database (migration 0046) knows the
same endings: whoever adds one adds it there too (`test_merging.py` keeps watch)."""

from __future__ import annotations

import re

ENDINGS = ("gatan", "vägen", "gränd", "stigen", "torget", "parken", "backen", "allén", "leden", "rondellen", "plan")
# End like a street and are no name of one: many places have them.
COMMON = (
    *("bilvägen", "cykelvägen", "gångvägen", "grusvägen", "hemvägen", "huvudvägen", "järnvägen", "landsvägen"),
    *("motorvägen", "omvägen", "riksvägen", "gågatan", "huvudgatan", "sidogatan", "tvärgatan", "gångstigen"),
    *("cykelleden", "vandringsleden", "hundparken", "lekparken", "pulkabacken", "skidbacken"),
    *("bollplan", "detaljplan", "fotbollsplan", "grusplan", "handlingsplan", "lekplan", "tidplan", "översiktsplan"),
)
_STREET = re.compile(rf"\b(?!(?:{'|'.join(COMMON)})\b)[^\W\d_]{{2,}}(?:{'|'.join(ENDINGS)})\b", re.I)


def within(text: str) -> list[str]:
    """The streets that a text names, as it writes them."""
    return _STREET.findall(text)
