"""The resident's pages."""

from caseflow.intake.views import filing, own_acts, own_page
from caseflow.intake.views.door import blueprint, frame

__all__ = ["blueprint", "filing", "frame", "own_acts", "own_page"]
