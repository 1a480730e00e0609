"""Rows of colours."""

from __future__ import annotations

from typing import Any

from wtforms import Field

from caseflow import theme
from caseflow.administration.rows.base import Part, Row, got


class Colour(Row):
    """A colour however it was written; in the file it stands as #rrggbb. `shape` "colour" gives it a swatch."""

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: got(part, self.path) or ""}

    def value(self, typed: Field) -> Any:
        """What is no colour stays as it was typed, for the preview to leave alone."""
        try:
            return theme.colour(typed.data) if typed.data else None
        except ValueError:
            return typed.data
