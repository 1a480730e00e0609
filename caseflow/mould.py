"""A template drawn once for each sort of thing, and then only filled in: for what stands on a page fifty times.

The template says `{{ it.name }}` where something goes in, and decides by other variables alone (`if lost`); what those
were belongs to the key, together with the language. What goes in is escaped as Jinja would.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from caseflow.language import current

HOLE = re.compile("\x02(\\w+)\x03")


class _Holes:
    def __getattr__(self, name: str) -> Markup:
        return Markup(f"\x02{name}\x03")  # noqa: S704  # a name of our own template


def mould(template: str, **sort: object) -> str:
    """The template for things of this sort in the language that is spoken, as a format for `%` with a mapping."""
    return _mould(template, current(), tuple(sort.items()))


@lru_cache(maxsize=2048)
def _mould(template: str, _language: str, sort: tuple[tuple[str, object], ...]) -> str:
    drawn = render_template(template, it=_Holes(), **dict(sort))
    return HOLE.sub(r"%(\1)s", drawn.replace("%", "%%"))
