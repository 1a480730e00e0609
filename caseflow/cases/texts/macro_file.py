"""The macros in the municipality's file: `macros`, a list of mappings that each have a code.

macros:
  - code: sb.lampa-bestalld        # names it; loading the file again changes the macro of this code
    department: sb                 # left out: for all departments
    titles: {sv: Lampan är beställd, en: The lamp is ordered}
    category: sb.belysning         # what the case is then about (may be left out, like all that follows)
    takes: true                    # whoever runs it takes the case
    says: reply                    # reply, question or note …
    text: sb.lampa                 # … with this standard text
    ends: close                    # close, park or transfer …
    resolution: planned_work       # … close: how it ended
    days: 7                        # … park: for how many working days
    to: ls                         # … transfer: where to
    reason: Vi har beställt lagning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases.models import LANGUAGES, RESOLUTIONS
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable
from caseflow.cases.texts.macros import ENDS, SAYS, Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db

Row = dict[str, Any]
ENDINGS = {"close": "resolution", "park": "days", "transfer": "to_department"}


def rows(whole: Fields, known: Mapping[str, Collection[str]], texts: Collection[str]) -> list[Row]:
    """The file's macros, checked; `texts` are the codes of the file's standard texts."""
    return [_row(one, known, texts) for one in whole.each_by_code("macros").values()]


def write(found: list[Row]) -> None:
    """Insert or change by code, after the standard texts."""
    if not found:
        return
    # A macro that never had a code was given one by `exported`: it is that macro, and not a second one.
    lent = sa.literal("macro-") + sa.cast(Macro.id, sa.Text)
    nameless = sa.update(Macro).where(Macro.code.is_(None), lent.in_([row["code"] for row in found]))
    db.session.execute(nameless.values(code=lent))
    codes = sa.select(StandardText.code, StandardText.id).where(StandardText.code.is_not(None))
    ids = dict(db.session.execute(codes).tuples().all())
    written = [{**row, "text_id": ids.get(row["text_id"])} for row in found]
    put = insert(Macro)
    changed = {name: put.excluded[name] for name in written[0] if name != "code"}
    db.session.execute(put.on_conflict_do_update(index_elements=["code"], set_=changed), written)


def exported() -> list[Row]:
    """All shared macros as the file has them; one that says somebody's own text has no place there."""
    shared = sa.select(Macro).where(Macro.owner_id.is_(None), ~Macro.text.has(StandardText.owner_id.is_not(None)))
    found = db.session.scalars(shared.order_by(Macro.id).execution_options(populate_existing=True))
    return [one.written() for one in found]


def _row(one: Fields, known: Mapping[str, Collection[str]], texts: Collection[str]) -> Row:
    ends = one.one_of("ends", ENDS) if one.has("ends") else None
    row: Row = {
        "code": one.text("code"),
        "department_code": one.one_of("department", known["department"]) if one.has("department") else None,
        "titles": one.by_key("titles", LANGUAGES, needed=True),
        "category_code": one.one_of("category", known["category"]) if one.has("category") else None,
        "takes": one.take("takes", bool, False),
        "says": one.one_of("says", SAYS) if one.has("says") else None,
        "text_id": one.one_of("text", texts) if one.has("text") else None,
        "ends": ends,
        "resolution": one.one_of("resolution", RESOLUTIONS) if one.has("resolution") else None,
        "days": one.take("days", int) if one.has("days") else None,
        "to_department": one.one_of("to", known["department"]) if one.has("to") else None,
        "reason": one.text("reason") if one.has("reason") else None,
    }
    one.done()
    if (row["says"] is None) != (row["text_id"] is None):
        raise Unreadable(f"{one.where}: says and text belong together")
    for ending, field in ENDINGS.items():
        if (ends == ending) != (row[field] is not None):
            raise Unreadable(f"{one.where}: {field.removesuffix('_department')} goes with `ends: {ending}` alone")
    if ends and row["resolution"] != "answered" and not row["reason"]:
        raise Unreadable(f"{one.where}: reason is missing")
    if not (ends or row["says"] or row["takes"] or row["category_code"]):
        raise Unreadable(f"{one.where}: it does nothing")
    return row
