"""The municipality's colours, as data: see Theme. Refused where they cannot be read against what they stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from flask_babel import format_decimal
from flask_babel import gettext as _

if TYPE_CHECKING:
    from coloraide import Color

DEFAULTS: dict[str, object] = {"accent": "", "dark": ""}
TEXT, MARK, EASY = 4.5, 3.0, 7.0  # WCAG 2.2: 1.4.3 (AA), 1.4.11 (AA), 1.4.6 (AAA)
STEP = 0.01  # of lightness, when looking for a colour that can be read
LONGEST = 60  # characters of a colour that somebody types


class Coloured(Protocol):
    """What is read of a municipality."""

    @property
    def theme(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Ground:
    """What a scheme's accent stands on, and the words that stand on its tint: tokens of site.css."""

    paper: str
    desk: str
    ink: str
    quiet: str
    dark: bool = False


LIGHT = Ground("#ffffff", "#f4f5f2", "#1b1f1e", "#464f4c")
DARK = Ground("#141918", "#0e1211", "#e8ecea", "#a9b5b1", dark=True)


@dataclass(frozen=True)
class Palette:
    """The accent of one scheme and what is made of it: under the pointer, words on it, and a ground for the chosen."""

    accent: str
    deep: str
    on_accent: str
    tint: str

    def as_css(self) -> str:
        pairs = {"accent": self.accent, "accent-deep": self.deep, "on-accent": self.on_accent, "tint": self.tint}
        return "".join(f"--{name}:{value};" for name, value in pairs.items())

    def as_css_of(self, selector: str, ground: Ground) -> str:
        """With the ground, for a sample of one scheme on a page of the other."""
        pairs = {"paper": ground.paper, "ink": ground.ink, "quiet": ground.quiet}
        return f"{selector}{{{self.as_css()}{''.join(f'--{name}:{value};' for name, value in pairs.items())}}}\n"


# The house's own, as site.css has them.
SPRUCE = Palette("#0b5d52", "#08463e", "#ffffff", "#eff5f3")
SPRUCE_IN_THE_DARK = Palette("#7fd1c0", "#a5e0d3", "#0b2520", "#1a2624")


@dataclass(frozen=True)
class Measured:
    """How well something can be told from what it stands on, 1 to 21; the least of the places where it stands."""

    what: str
    ratio: float
    need: float

    @property
    def enough(self) -> bool:
        return self.ratio >= self.need

    @property
    def easy(self) -> bool:
        return self.ratio >= (EASY if self.need == TEXT else self.need)

    @property
    def said(self) -> str:
        """Rounded down, so that what is not enough never reads as enough."""
        return str(format_decimal(int(self.ratio * 10) / 10))


@dataclass(frozen=True)
class Theme:
    """`accent` marks the one primary act, links and focus; `dark` does so on dark grounds and, where it is not said,
    is made from `accent`. Without an accent the house's own stands.
    """

    light: Palette = SPRUCE
    dark: Palette = SPRUCE_IN_THE_DARK

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Theme:
        """The colours of a municipality's `theme`. ValueError in words, with what was measured."""
        unknown = ", ".join(str(name) for name in given if name not in DEFAULTS)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        accent, dark = (str(given.get(name) or "") for name in DEFAULTS)
        if accent:
            check(accent, LIGHT)
        if dark:
            check(dark, DARK)
        return of_colours(accent, dark)

    @classmethod
    def of(cls, municipality: Coloured) -> Theme:
        """As stored; what was checked before is not refused when the rules have become stricter since."""
        return of_colours(*(str(municipality.theme.get(name) or "") for name in DEFAULTS))

    @property
    def own(self) -> bool:
        return self != Theme()

    def in_mail(self) -> dict[str, str]:
        """Of a mail's head and links, frozen with it; nothing where the house's own stand."""
        return {"accent": self.light.accent, "accent_dark": self.dark.accent} if self.own else {}

    @property
    def version(self) -> str:
        return sha256(self.as_css().encode()).hexdigest()[:10]

    def as_css(self) -> str:
        """For the screen alone: paper has its own ink."""
        dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{self.dark.as_css()}}}}}"
        return f"@media screen{{:root{{{self.light.as_css()}}}}}{dark}\n"


@lru_cache(maxsize=32)
def of_colours(accent: str, dark: str) -> Theme:
    """The colours made of these two; ValueError when one is no colour."""
    light = _palette(colour(accent), LIGHT) if accent else SPRUCE
    if dark:
        return Theme(light, _palette(colour(dark), DARK))
    return Theme(light, _palette(nearest(accent, DARK, EASY), DARK) if accent else SPRUCE_IN_THE_DARK)


def colour(typed: str) -> str:
    """#rrggbb, however it was written: #abc, 0b5d52, rgb(11, 93, 82), navy. ValueError for anything else."""
    from coloraide import Color  # a sixth of a second that only who has colours of their own pays

    text = typed.strip()[:LONGEST]
    for way in (text, f"#{text}"):
        try:
            found = Color(way)
        except ValueError:
            continue
        if found.alpha() == 1 and found.in_gamut("srgb"):
            return str(found.convert("srgb").to_string(hex=True, fit=True))
    raise ValueError(_("Write the colour as # and six signs, for example #0b5d52."))


def check(typed: str, ground: Ground) -> str:
    """The colour, when all that it is used for can be read. ValueError with what was measured and what would do."""
    accent = colour(typed)
    wanting = [one for one in measured(accent, ground) if not one.enough]
    if not wanting:
        return accent
    worst = min(wanting, key=lambda one: one.ratio / one.need)
    raise ValueError(
        _(
            "%(what)s: the contrast is %(ratio)s to 1, and at least %(need)s to 1 is needed. %(nearest)s would do.",
            what=worst.what,
            ratio=worst.said,
            need=format_decimal(worst.need),
            nearest=nearest(accent, ground, TEXT),
        )
    )


def measured(accent: str, ground: Ground) -> list[Measured]:
    """Everything that the accent is used for, against everything that it stands on."""
    own = _palette(accent, ground)
    grounds = (ground.paper, ground.desk, own.tint)
    links = [_ratio(link, under) for link in (own.accent, own.deep) for under in grounds]
    button = [_ratio(own.on_accent, under) for under in (own.accent, own.deep)]
    chosen = [_ratio(words, own.tint) for words in (ground.ink, ground.quiet)]
    marks = [_ratio(own.accent, under) for under in grounds]
    return [
        Measured(_("Links"), min(links), TEXT),
        Measured(_("Words on the button"), min(button), TEXT),
        Measured(_("Words on what is chosen"), min(chosen), TEXT),
        Measured(_("Frames, marks and the ring of what has the focus"), min(marks), MARK),
    ]


def nearest(typed: str, ground: Ground, need: float) -> str:
    """The same colour, as much darker (on dark grounds: lighter) as it takes."""
    for accent in _ladder(colour(typed), ground):
        links, *others = measured(accent, ground)
        if links.ratio >= need and all(one.enough for one in others):
            return accent
    return ground.ink


def _ladder(accent: str, ground: Ground) -> Iterator[str]:
    yield accent
    step = STEP if ground.dark else -STEP
    start = float(_color(accent).convert("oklch")["lightness"])
    for number in range(1, int(1 / STEP)):
        if not 0 <= start + step * number <= 1:
            return
        yield _lit(accent, start + step * number)


def _palette(accent: str, ground: Ground) -> Palette:
    light = float(_color(accent).convert("oklch")["lightness"])
    deep = _lit(accent, min(1.0, light + 0.06) if ground.dark else max(0.0, light - 0.09))
    on_accent = max("#ffffff", _lit(accent, 0.24, most_chroma=0.04), key=lambda words: _ratio(words, accent))
    tint = _color(ground.paper).mix(_color(accent), 0.11 if ground.dark else 0.065, space="srgb")
    return Palette(accent, deep, on_accent, _hex(tint))


def _lit(accent: str, lightness: float, most_chroma: float = 1.0) -> str:
    """The colour in another light."""
    found = _color(accent).convert("oklch").set("lightness", lightness)
    return _hex(found.set("chroma", lambda chroma: min(chroma, most_chroma)))


def _ratio(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    return float(_color(one).contrast(other, method="wcag21"))


def _hex(found: Color) -> str:
    return str(found.convert("srgb").to_string(hex=True, fit=True))


def _color(text: str) -> Color:
    from coloraide import Color

    return Color(text)
