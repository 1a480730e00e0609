"""The administrators' pages."""

from caseflow.administration.views import (
    colours,
    envelopes,
    file,
    history,
    index,
    lists,
    parts,
    redirects,
    rules,
    suggestions,
)
from caseflow.administration.views.room import blueprint

__all__ = [
    "blueprint",
    "colours",
    "envelopes",
    "file",
    "history",
    "index",
    "lists",
    "parts",
    "redirects",
    "rules",
    "suggestions",
]
