"""What the file names, as choices: kinds, departments, categories."""

from __future__ import annotations

from typing import Any

from caseflow.administration.rows.base import Choices
from caseflow.cases.models import in_language
from caseflow.language import current

Document = dict[str, Any]


def names(document: Document, what: str) -> Choices:
    """Codes and names of what the file lists."""
    return [(one["code"], in_language(one["names"], current())) for one in document[what]]


def offered(document: Document) -> Choices:
    """Departments that take cases."""
    return [
        (one["code"], in_language(one["names"], current())) for one in document["departments"] if not one.get("retired")
    ]


def category_names(document: Document) -> Choices:
    return [
        (one["code"], f"{in_language(one['names'], current())} ({in_language(home['names'], current())})")
        for home in document["departments"]
        for one in home.get("categories", ())
    ]
