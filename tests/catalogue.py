"""Are the catalogues complete? `python -m tests.catalogue` says what is missing; `--update` merges new strings in."""

from __future__ import annotations

import ast
import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("sv", "fi")
METHODS = [("caseflow/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# Not silent: a template that does not parse must not look like one without words.
TEMPLATES = {"trimmed": "true", "silent": "false"}
OPTIONS = {"templates/**.html": TEMPLATES, "templates/**.txt": TEMPLATES}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def extracted() -> Catalog:
    """Every string that the code and the templates speak."""
    catalog = Catalog(project="caseflow", charset="utf-8", header_comment="# The words of caseflow.")
    for name, line, message, comments, context in extract_from_dir(
        ROOT, METHODS, OPTIONS, KEYWORDS, ("i18n:",), strip_comment_tags=True
    ):
        catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def unheard(template: Catalog) -> list[str]:
    """Strings that the code speaks and the extraction misses: Babel looks into no f-string on Python 3.11."""
    heard = {message.id if isinstance(message.id, str) else message.id[0] for message in template}
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}: not extracted, take it out of the f-string: {text!r}"
        for path in sorted((ROOT / "caseflow").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS and call.args
        if isinstance(call.args[0], ast.Constant) and (text := call.args[0].value) not in heard
    ]


def path_of(language: str) -> Path:
    return ROOT / "caseflow" / "translations" / language / "LC_MESSAGES" / "messages.po"


def load(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(language: str, template: Catalog) -> list[str]:
    """What is missing, fuzzy, left over or without one of its placeholders."""
    catalog = load(language)
    found = []
    for message in template:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        strings = known and (known.string if isinstance(known.string, (list, tuple)) else (known.string,))
        if not known or not strings or not all(strings):
            found.append(f"{language}: not translated: {message.id!r}")
        elif known.fuzzy:
            found.append(f"{language}: fuzzy: {message.id!r}")
        else:
            found += _placeholder_faults(language, message.id, strings)
    spoken = {(message.id if isinstance(message.id, str) else message.id[0], message.context) for message in template}
    for known in catalog:
        key = (known.id if isinstance(known.id, str) else known.id[0], known.context)
        if known.id and key not in spoken:
            found.append(f"{language}: no longer spoken: {key[0]!r}")
    return found


def _placeholder_faults(language: str, original: str | tuple[str, ...], strings: tuple[str, ...]) -> list[str]:
    originals = (original,) if isinstance(original, str) else original
    wanted = [set(PLACEHOLDER.findall(one)) for one in originals]
    return [
        f"{language}: other placeholders than {original!r}: {string!r}"
        for number, string in enumerate(strings)
        if set(PLACEHOLDER.findall(string)) not in (wanted[-1], wanted[min(number, len(wanted) - 1)])
    ]


def update() -> None:
    """Merge the strings of now into each catalogue; what is no longer spoken goes."""
    template = extracted()
    for language in LANGUAGES:
        catalog = load(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        buffer = io.BytesIO()
        write_po(buffer, catalog, width=120, sort_output=True, no_location=True, omit_header=False)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(buffer.getvalue())


def main() -> int:
    if "--update" in sys.argv:
        update()
    template = extracted()
    found = unheard(template) + [fault for language in LANGUAGES for fault in faults(language, template)]
    print("\n".join(found) or f"{len(template)} strings, complete in {', '.join(LANGUAGES)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
