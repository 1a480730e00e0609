"""The routing rules of a file or a draft, checked and made rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _

from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable

Row = dict[str, Any]


def check(rules: Sequence[Fields], kinds: Collection[str], departments: list[Row], categories: list[Row]) -> list[Row]:
    """The rules as rows, in their order; raises `Unreadable`."""
    homes = {row["code"]: row["retired"] for row in departments}
    named = [row["code"] for row in categories]
    return [_rule(place, rule, homes, kinds, named) for place, rule in enumerate(rules)]


def _rule(
    place: int, rule: Fields, departments: dict[str, bool], kinds: Collection[str], categories: Collection[str]
) -> Row:
    row: Row = {
        "position": place,
        "kind_code": rule.one_of("kind", kinds) if rule.has("kind") else None,
        "department_code": rule.one_of("department", departments) if rule.has("department") else None,
        "category_code": rule.one_of("category", categories) if rule.has("category") else None,
        "words": rule.texts("words"),
        "to_department": rule.one_of("to", departments),
        "reasons": rule.by_key("reason", LANGUAGES, needed=True),
    }
    if departments[row["to_department"]]:
        told = _("%(where)s: it sends cases to %(to)s, which takes none any more", where=rule.where, to=rule.text("to"))
        raise Unreadable(told)
    rule.done()
    return row
