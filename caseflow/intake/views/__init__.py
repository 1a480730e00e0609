"""The resident's pages."""

from caseflow.intake.views import embed, filing, known_faults, look, own_acts, own_page, statements, uploading
from caseflow.intake.views.door import blueprint, frame

__all__ = [
    "blueprint",
    "embed",
    "filing",
    "frame",
    "known_faults",
    "look",
    "own_acts",
    "own_page",
    "statements",
    "uploading",
]
