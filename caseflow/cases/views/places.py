"""Where somebody came from, so that an act leads back there: a page of ours that we know, never an address as given."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from flask import request, url_for

from caseflow.cases.delivery.worklist import Filter


@dataclass(frozen=True)
class Place:
    """The list of deliveries as it was looked at: its filter, and the key of its page."""

    chosen: Filter
    after: str | None = None

    @property
    def address(self) -> str:
        return url_for("deliveries.page", **self.chosen.asked(), after=self.after)


def came_from() -> Place | None:
    """The place that the form's field `back` names, when it is the list of deliveries."""
    try:
        parts = urlsplit(request.form.get("back", ""))
    except ValueError:
        return None
    if parts.path != url_for("deliveries.page"):
        return None
    asked = dict(parse_qsl(parts.query))
    return Place(Filter.of(asked), asked.get("after"))
