"""A real batch to hand over: letters set and bound as the product does it, with the manifest that goes with them."""

from functools import cache

from caseflow.messages.binding import bind
from caseflow.messages.handover import Batch, Limits
from tests.messages.printed import BODY, printed

NAME = "caseflow-2026-11-23-sb-17"
# Where no answer comes at all; and where one stops coming, which a busy machine must have the time to reach.
QUICK, STEADY = Limits(step=0.5, in_all=1), Limits(step=1.5, in_all=4)


@cache
def batch(name: str = NAME, *, duplex: bool = True, copies: int = 1) -> Batch:
    """Three letters of one, two and one pages; `copies` multiplies them, for a file that takes a while."""
    bodies = ("Lampan är bytt.", "\n\n".join([BODY] * 4), "Tack för tipset!") * copies
    letters = [(str(4000 + place), printed(body=body)) for place, body in enumerate(bodies)]
    bound = bind(letters, duplex=duplex)
    lines = [
        {
            "message": int(entry.reference),
            "case": f"KC-2611{int(entry.reference)}",
            "first_page": entry.first_page,
            "pages": entry.pages,
            "sha256": entry.sha256,
        }
        for entry in bound.entries
    ]
    return Batch.of(name, bound.pdf, lines, duplex=duplex)
