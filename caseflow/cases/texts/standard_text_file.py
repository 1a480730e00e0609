"""The standard texts in the municipality's file: `standard_texts`, a list of texts that each have a code.

standard_texts:
  - code: sb.lampa                 # names it; loading the file again changes the text of this code
    department: sb                 # left out: for all departments
    kind: felanmalan               # left out: for every kind
    category: sb.belysning         # left out: for every category
    words: [gatlamp, belysning]    # beginnings of words in a case that call for it
    titles: {sv: Trasig gatlampa, en: Broken street light}
    texts: {sv: "…", en: "…"}      # with {{number}} and the like, see `placeholders.KNOWN`
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable
from caseflow.cases.texts import placeholders
from caseflow.cases.texts.standard_texts import NARROWED_BY, StandardText
from caseflow.database import db

Row = dict[str, Any]


def rows(whole: Fields, known: dict[str, Collection[str]]) -> list[Row]:
    """The file's texts, checked; `known` has the codes of each of NARROWED_BY."""
    return [_row(one, known) for one in whole.each_by_code("standard_texts").values()]


def write(found: list[Row]) -> None:
    """Insert or change by code; what people have written in the browser besides stays."""
    if not found:
        return
    # A text that never had a code was given one by `exported`: it is that text, and not a second one.
    lent = sa.literal("text-") + sa.cast(StandardText.id, sa.Text)
    nameless = sa.update(StandardText).where(StandardText.code.is_(None), StandardText.owner_id.is_(None))
    db.session.execute(nameless.where(lent.in_([row["code"] for row in found])).values(code=lent))
    put = insert(StandardText)
    changed = {name: put.excluded[name] for name in found[0] if name != "code"}
    db.session.execute(put.on_conflict_do_update(index_elements=["code"], set_=changed), found)


def exported() -> list[Row]:
    """All shared texts as the file has them; one that never had a code gets one."""
    shared = sa.select(StandardText).where(StandardText.owner_id.is_(None)).order_by(StandardText.id)
    return [one.written() for one in db.session.scalars(shared.execution_options(populate_existing=True))]


def _row(one: Fields, known: dict[str, Collection[str]]) -> Row:
    row: Row = {"code": one.text("code")}
    for name, column in NARROWED_BY.items():
        row[column] = one.one_of(name, known[name]) if one.has(name) else None
    row["words"] = one.texts("words")
    row["titles"] = one.by_key("titles", LANGUAGES, needed=True)
    row["texts"] = one.by_key("texts", LANGUAGES, needed=True)
    for language, text in row["texts"].items():
        try:
            placeholders.check(text)
        except placeholders.Unknown as error:
            raise Unreadable(f"{one.where}: texts, {language}: {error}") from error
    if set(row["titles"]) != set(row["texts"]):
        raise Unreadable(f"{one.where}: titles and texts must be in the same languages")
    one.done()
    return row
