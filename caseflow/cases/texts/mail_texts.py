"""The fixed words of mails, SMS and letters: the product's own, or the municipality's where it has written others.

A municipality's texts stand in its YAML file under `municipality, texts` as {code: {language: text}}, with placeholders
like {number}. They are checked when the file is loaded and only ever filled in as text: there is no formatting language
behind the braces, and what stands in for a placeholder is not looked into again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.messages import unlinked

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
Texts = Mapping[str, Any]  # {code: {language: text}}, as Municipality.mail_texts holds it


@dataclass(frozen=True)
class Text:
    """What one of the texts is made of. `own` speaks the language of the moment and leaves the placeholders in."""

    own: Callable[[], str]
    knows: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    limit: int = 200  # characters
    paragraphs: bool = False  # else one line


def _receipt() -> str:
    received = _("We have received your case. Its number is %(number)s.", **_named("number"))
    facts = _named("department", "by_channel") | {"date": "{due}"}
    return f"{received}\n\n" + _("%(department)s answers no later than %(date)s, %(by_channel)s.", **facts)


def _notice() -> str:
    there = _(
        "There is something to read in your case %(number)s at %(municipality)s.", **_named("number", "municipality")
    )
    why = _("We do not write it in this e-mail, because e-mail can be read on the way. You find it on your own page.")
    return f"{there}\n\n{why}"


def _sms_notice() -> str:
    tried = _("%(municipality)s tried to call you about your case %(number)s.", **_named("municipality", "number"))
    return f"{tried} " + _("We will call again. You can also read and answer here: %(link)s", **_named("link"))


def _named(*names: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in names}


_ABOUT = frozenset({"number", "department", "municipality"})
TEXTS: dict[str, Text] = {
    "greeting": Text(lambda: _("Hello %(name)s,", **_named("name")), frozenset({"name"}), frozenset({"name"}), 60),
    "greeting_nameless": Text(lambda: _("Hello,"), limit=60),
    "receipt_subject": Text(lambda: _("We have received your case"), _ABOUT, limit=100),
    "receipt": Text(_receipt, _ABOUT | {"due", "by_channel", "code"}, frozenset({"number"}), 2000, paragraphs=True),
    "notice": Text(_notice, _ABOUT, limit=2000, paragraphs=True),
    "closing": Text(lambda: _("Kind regards"), frozenset({"municipality"}), limit=60),
    "footer": Text(lambda: _("Read and add to your case:"), _ABOUT),
    "sms_notice": Text(_sms_notice, _ABOUT | {"link"}, frozenset({"link"}), 300),
    "letter_note": Text(
        lambda: _("Read and add to your case at this address, with the case number and the code:"), _ABOUT
    ),
}


def said(code: str, language: str, texts: Texts, /, **facts: str) -> str:
    """The text with its placeholders filled in. KeyError: `facts` lacks one that the text may have."""
    known = TEXTS[code].knows
    filled = {name: facts[name] for name in known}
    return PLACEHOLDER.sub(lambda found: filled[found[1]], template(code, language, texts))


def greeting(language: str, texts: Texts, name: str | None) -> str:
    """With the name, where it is nothing but a name: whoever files a case writes it (see `unlinked`)."""
    plain = unlinked.name(name)
    return said("greeting", language, texts, name=plain) if plain else said("greeting_nameless", language, texts)


def template(code: str, language: str, texts: Texts) -> str:
    """The text before it is filled in: the municipality's in this language, else the product's."""
    if is_municipal(code, language, texts):
        return str(texts[code][language])
    with force_locale(language):
        return TEXTS[code].own()


def is_municipal(code: str, language: str, texts: Texts) -> bool:
    """Whether the municipality has written this one itself."""
    return bool(texts.get(code, {}).get(language))


def check(code: str, text: str) -> None:
    """ValueError, in words, for a text that could not be filled in, or would leave out what the resident needs."""
    rules = TEXTS[code]
    found = set(PLACEHOLDER.findall(text))
    if unknown := found - rules.knows:
        allowed = " ".join(f"{{{name}}}" for name in sorted(rules.knows)) or _("no placeholder")
        named = f"{{{min(unknown)}}}"
        raise ValueError(
            _("%(placeholder)s is unknown here; it may have %(allowed)s", placeholder=named, allowed=allowed)
        )
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError(_("a brace stands alone; placeholders look like {number}"))
    if missing := rules.needs - found:
        raise ValueError(_("%(placeholder)s is missing", placeholder=f"{{{min(missing)}}}"))
    if len(text) > rules.limit:
        raise ValueError(_("it is longer than %(limit)d characters", limit=rules.limit))
    if not rules.paragraphs and unlinked.one_line(text) != text:
        raise ValueError(_("it must be one line"))
