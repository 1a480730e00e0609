"""What stands on many pages is drawn once for each sort of thing or person, and then only filled in.

`mould` is for a template of its own (a row that stands on a page fifty times), `kept` for a part of a page in place.
Where something goes in, the template says `{{ it.name }}`; what it decides by (`if lost`) belongs to the key, together
with the language. What goes in is escaped as Jinja would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from functools import lru_cache

from flask import Flask, g, render_template
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup, escape

from caseflow import stamp
from caseflow.language import current

HOLE = re.compile("\x02([\\w-]+)\x03")
# One that `url_for` has quoted.
IN_ADDRESS = re.compile("%02([\\w-]+)%03")
Draw = Callable[["Holes"], str]


class _Template(Template):
    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """What `{% from … import … %}` gives. Jinja looks each time whether the page has globals of its own, which
        none of ours has, and that is most of what an import costs.
        """
        if self._module is None:
            self._module = self.make_module()
        return self._module


def init_app(app: Flask) -> None:
    app.jinja_env.template_class = _Template
    app.jinja_env.globals["kept"] = kept


class Shelf:
    """So many drawn things by what they depend on besides the language and the configuration."""

    def __init__(self, size: int) -> None:
        self._slot: Callable[..., list[str]] = lru_cache(maxsize=size)(lambda *_key: [])

    def opened(self) -> Callable[[Hashable, Callable[[], str]], str]:
        """For the page at hand: gives what was drawn under a key, or draws it now."""
        language, stamped = current(), stamp.current()
        now = stamped.int if stamped else None  # a number is compared without a call

        def of(key: Hashable, draw: Callable[[], str]) -> str:
            slot = self._slot(language, now, key) if now is not None else []
            if not slot:
                slot.append(draw())
            return slot[0]

        return of

    def filled(self, key: Hashable, caller: Draw, /, **filling: object) -> Markup:
        """What was drawn with holes under the key, with these in them."""

        def draw() -> str:
            return _format(_own_to_nobody(caller(Holes())))

        shape = self.opened()(key, draw) if key is not None else draw()
        return Markup(shape % {hole: escape(value) for hole, value in filling.items()})  # noqa: S704  # ours, and escaped


_PARTS = Shelf(1024)


def hole(name: str) -> str:
    """The same where it goes through Python first, for instance into an address: what fills it is then quoted."""
    return f"\x02{name}\x03"


class Holes:
    """Where something goes in, by name."""

    def __getattr__(self, name: str) -> Markup:
        return Markup(hole(name))  # noqa: S704  # a name of our own template

    __getitem__ = __getattr__


def mould(template: str, **sort: object) -> str:
    """The template for things of this sort in the language that is spoken, as a format for `%` with a mapping."""
    return _mould(template, current(), tuple(sort.items()))


@lru_cache(maxsize=2048)
def _mould(template: str, _language: str, sort: tuple[tuple[str, object], ...]) -> str:
    return _format(render_template(template, it=Holes(), **dict(sort)))


def kept(name: str, /, *sort: Hashable, caller: Draw, keep: bool = True, **filling: object) -> Markup:
    """A part of a page, drawn anew only for a sort that was not met since the configuration changed:
    `{% call(it) kept("name", sort, hole=value) %}…{{ it.hole }}…{% endcall %}`.

    What is drawn may depend on nothing but the sort, the language and what is read from the configuration.
    """
    return filled((name, *sort) if keep else None, caller, **filling)


def filled(key: Hashable, caller: Draw, /, **filling: object) -> Markup:
    """The same for what Python draws, a whole page for instance. Without a key it is kept nowhere."""
    return _PARTS.filled(key, caller, **filling)


def _own_to_nobody(drawn: str) -> str:
    """What is kept is shown to others, too: the token of this session must come in by a hole."""
    if "csrf_token" in g and g.csrf_token in drawn:
        raise RuntimeError("a part that is kept has a token in it: write csrf(it.csrf)")
    return drawn


def _format(drawn: str) -> str:
    return HOLE.sub(r"%(\1)s", IN_ADDRESS.sub("\x02\\1\x03", drawn).replace("%", "%%"))
