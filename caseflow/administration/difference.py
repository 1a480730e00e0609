"""What has changed in a part of the configuration, so that a person can read it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from caseflow.administration.labels import LABELS
from caseflow.cases.models import in_language
from caseflow.language import LANGUAGES, current

Names = Mapping[str, str]  # what codes are called
CODED = ("to", "department", "kind", "category")
TOLD_APART = ("retention", "escalate_kinds")  # what stands in these is called by both names
LONGEST = 600  # characters of a value that are shown


@dataclass(frozen=True)
class Line:
    """One field before and after; "" where there is nothing."""

    label: str
    before: str
    after: str


def names(document: Mapping[str, Any]) -> Names:
    """What the codes of kinds, departments and categories are called; of texts and macros, their places."""
    found: dict[str, str] = {}
    for one in (*document["kinds"], *document["departments"]):
        found[one["code"]] = in_language(one.get("nouns") or one["names"], current())
        found |= {inner["code"]: in_language(inner["names"], current()) for inner in one.get("categories", ())}
    for what in ("standard_texts", "macros"):
        named = {f"{what}/{one['code']}": in_language(one["titles"], current()) for one in document.get(what, ())}
        found |= named
    return found


def lines(before: Any, after: Any, known: Names) -> list[Line]:
    """Field by field, in the order of the page; what has not changed is left out."""
    if isinstance(before, list) or isinstance(after, list):
        return list(_listed((), before or [], after or [], known))
    old, new = (dict(_leaves((), part or {})) for part in (before, after))
    found: list[Line] = []
    for path in dict.fromkeys((*new, *old)):
        was, becomes = old.get(path), new.get(path)
        if _is_rows(was) or _is_rows(becomes):
            found += _listed(path, was or [], becomes or [], known)
        elif was != becomes:
            found.append(Line(label(path, known), _said(path, was, known), _said(path, becomes, known)))
    return found


def label(path: tuple[str, ...], known: Names) -> str:
    """ "Name, Svenska" for names, sv."""
    last = path[-1] if path else ""
    if last in LANGUAGES and len(path) > 1:
        return f"{label(path[:-1], known)}, {LANGUAGES[last]}"
    inner = str(LABELS.get(last) or known.get(last, last))
    return f"{label(path[:-1], known)}: {inner}" if len(path) > 1 and path[-2] in TOLD_APART else inner


def rule(one: Mapping[str, Any], known: Names) -> str:
    """A rule of the routing table in a sentence."""
    conditions = [known.get(one[name], one[name]) for name in ("department", "kind", "category") if one.get(name)]
    if one.get("words"):
        conditions.append(_("words: %(words)s", words=", ".join(one["words"])))
    when = " · ".join(conditions) or _("Everything")
    return f"{when} → {known.get(one['to'], one['to'])}"


def _leaves(path: tuple[str, ...], part: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(part, dict):
        yield path, part
        return
    for name, inner in part.items():
        yield from _leaves((*path, str(name)), inner)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _listed(path: tuple[str, ...], before: list[Any], after: list[Any], known: Names) -> Iterator[Line]:
    """A list of codes as one line; a list of mappings one by one, each called by its place."""
    if not (_is_rows(before) or _is_rows(after)):
        if before != after:
            yield Line(_("Order"), _said(("to",), before, known), _said(("to",), after, known))
        return
    old, new = ([json.dumps(one, sort_keys=True) for one in rows] for rows in (before, after))
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(b - a, d - c)):
            was = before[a + step] if a + step < b else None
            becomes = after[c + step] if c + step < d else None
            place = c + step if becomes is not None else a + step
            yield Line(_("Number %(place)d", place=place + 1), _row(was, known), _row(becomes, known))


def _row(one: Any, known: Names) -> str:
    if one is None:
        return ""
    if "to" in one and "reason" in one:
        return f"{rule(one, known)} ({in_language(one['reason'], current())})"
    return ", ".join(_said(path, value, known) for path, value in _leaves((), one))


def _said(path: tuple[str, ...], value: Any, known: Names) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_said(path, one, known) for one in value)
    text = known.get(value, value) if path and path[-1] in CODED else str(value)
    return f"{text[:LONGEST]} …" if len(text) > LONGEST else text
