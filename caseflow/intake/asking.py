"""The form with what its category asks besides. The questions are fields like the others once a category is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from caseflow.cases import typed
from caseflow.cases.screen.question_fields import field
from caseflow.intake.forms import ErrandForm
from caseflow.intake.offer import Offer


def form_of(
    formdata: MultiDict[str, Any] | None, *, offer: Offer, language: str, chosen: Mapping[str, str] | None = None
) -> ErrandForm:
    """Made anew for each request: the category that was chosen says which fields there are."""
    category = offer.category((formdata or chosen or {}).get("category") or "")
    fields = {f"q_{one.code}": field(one, language, typed.line) for one in (category.questions if category else ())}
    made: type[ErrandForm] = type("AskingForm", (ErrandForm,), fields)
    return made(formdata, offer=offer, language=language, chosen=chosen)
