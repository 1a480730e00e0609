"""What a macro will do to a case, one sentence an act."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow.accounts.models import Staff
from caseflow.cases import words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.models import Case, Category, Department, in_language
from caseflow.cases.texts.macros import Macro
from caseflow.database import db


def sentences(
    macro: Macro, names: Mapping[str, str], case: Case | None = None, staff: Staff | None = None
) -> list[str]:
    """In the order in which it is done. `names` are those of departments and categories by code."""
    told = []
    if macro.category_code and (case is None or case.category_code != macro.category_code):
        told.append(_("Category: %(category)s", category=names.get(macro.category_code, macro.category_code)))
    if macro.takes and (case is None or staff is None or case.assignee_id != staff.id):
        told.append(_("You take the case"))
    if macro.says:
        told.append(_said(macro, case))
    if macro.ends:
        told.append(_ended(macro, names))
    return told


def _said(macro: Macro, case: Case | None) -> str:
    if macro.says == "note":
        return _("An internal note")
    what = _("Answer the resident") if macro.says == "reply" else _("Ask the resident and wait for the answer")
    return f"{what}: {delivery_words.WAY[case.reply_by]}" if case else what


def _ended(macro: Macro, names: Mapping[str, str]) -> str:
    if macro.ends == "close":
        return _("Close: %(resolution)s", resolution=words.RESOLUTION[macro.resolution or "answered"])
    if macro.ends == "park":
        return ngettext("Plan for %(num)d working day ahead", "Plan for %(num)d working days ahead", macro.days or 1)
    return _("Move to %(department)s", department=names.get(macro.to_department or "", macro.to_department or ""))


def names(language: str) -> dict[str, str]:
    """Of all departments and categories by code; a code is never both."""
    both = sa.union_all(sa.select(Department.code, Department.names), sa.select(Category.code, Category.names))
    return {code: in_language(said, language) for code, said in db.session.execute(both)}
