"""Window envelopes: where on a folded A4 sheet the window always, and ever, looks. Pure geometry.

Every length that we start from is a default that nobody has confirmed: no citable drawing of the Swedish windows was
found (see `Envelope`). The calibration page (`calibration.py`) is how a municipality makes them its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, Self, cast

SHEET_WIDTH = 210.0
MARGIN = 5.0  # what office printers leave blank at the sheet's edges, rounded up
OFFSET_LIMIT = 15.0  # a printer that is further off than this is fed wrongly
POSTNORD_ZONE = (150.0, 30.0)  # width and height at the envelope's lower right, where PostNord prints (21grams' rules)


class _Format(NamedTuple):
    """An envelope format for A4: its width and height, and where the sheet is folded; millimetres."""

    width: float
    height: float
    folds: tuple[float, ...]


# ISO 269 (C5, and C6/C5 which the trade calls C65); A4 folded once, or twice into thirds.
_FORMATS = {"C5": _Format(229, 162, (148.5,)), "C65": _Format(229, 114, (99, 198))}


class Box(NamedTuple):
    """A rectangle on the A4 sheet: millimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True)
class Envelope:
    """A window envelope for a folded A4 sheet; all lengths in millimetres.

    The window is `width` x `height`, `top` below the envelope's top edge and `edge` from the envelope's edge on its
    own `side`. The defaults are NOT from a standard: Sweden names its window positions H2 (right) and V2 (left,
    harrykuvert.se), but SS 61 34 01 (ed. 2, 2003) defines address parts and no windows, and no citable drawing was
    found. A Swiss right-window preset (pascal-huber/typst-letter-template: 120/52, 80 x 31.5) is close. A municipality
    measures its own envelopes, or asks its supplier, and changes them.

    `offset_x` (to the right) and `offset_y` (downwards) are how far the address must move so that it meets the window:
    what somebody reads off the calibration page, for this printer and these envelopes together. The boxes and the folds
    below are those of the page as it is sent to the printer, so they move along.
    """

    name: str = "C5 H2"
    format: Literal["C5", "C65"] = "C5"
    side: Literal["right", "left"] = "right"
    width: float = 100
    height: float = 35
    edge: float = 16
    top: float = 40
    offset_x: float = 0
    offset_y: float = 0

    def __post_init__(self) -> None:
        if self.format not in _FORMATS:
            raise ValueError(
                f"envelope {self.name!r}: format must be one of {', '.join(_FORMATS)}, not {self.format!r}"
            )
        if self.side not in ("right", "left"):
            raise ValueError(f"envelope {self.name!r}: side must be 'right' or 'left', not {self.side!r}")
        for length in ("width", "height", "edge", "top"):
            self._check_length(length, getattr(self, length))
        for offset in ("offset_x", "offset_y"):
            self._check_offset(offset, getattr(self, offset))
        self._check_window()
        self._check_place()

    def _check_length(self, length: str, value: Any) -> None:
        if not (_is_number(value) and value > 0):
            raise ValueError(f"envelope {self.name!r}: {length} must be millimetres above 0, not {value!r}")

    def _check_offset(self, offset: str, value: Any) -> None:
        if not (_is_number(value) and abs(value) <= OFFSET_LIMIT):
            raise ValueError(
                f"envelope {self.name!r}: {offset} must be millimetres from -{OFFSET_LIMIT:.0f} to {OFFSET_LIMIT:.0f},"
                f" not {value!r}"
            )

    def _check_window(self) -> None:
        if self.edge + self.width > self._size.width or self.window.bottom > self._size.height:
            raise ValueError(f"envelope {self.name!r}: the window reaches outside a {self.format} envelope")
        (width, height), window = POSTNORD_ZONE, self.window
        if window.right > self._size.width - width and window.bottom > self._size.height - height:
            raise ValueError(
                f"envelope {self.name!r}: the window reaches into the {width:.0f} x {height:.0f} mm of PostNord"
            )
        box = self.safe_box
        if box.width < 60 or box.height < 14:
            raise ValueError(
                f"envelope {self.name!r}: {box.width:.1f} x {box.height:.1f} mm is left for the address when the sheet"
                " slides in the envelope; 60 x 14 mm is the least that holds one"
            )

    def _check_place(self) -> None:
        box = self.safe_box
        if box.left < MARGIN or box.right > SHEET_WIDTH - MARGIN or box.top < MARGIN or box.bottom > self.folds[0]:
            raise ValueError(
                f"envelope {self.name!r}: the address would stand at {box.left:.1f}-{box.right:.1f} mm across and"
                f" {box.top:.1f}-{box.bottom:.1f} mm down, which is outside what can be printed above the fold"
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """The envelope of a municipality's configuration; ValueError names what is unknown or wrong."""
        unknown = sorted(set(data) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"envelope: unknown {', '.join(unknown)}")
        return cls(**cast(dict[str, Any], data))

    @property
    def _size(self) -> _Format:
        return _FORMATS[self.format]

    @property
    def folds(self) -> tuple[float, ...]:
        """Where the sheet is folded: millimetres from the top edge of the page as it is sent to the printer."""
        return tuple(fold + self.offset_y for fold in self._size.folds)

    @property
    def size(self) -> tuple[float, float]:
        """The envelope's own width and height."""
        return self._size.width, self._size.height

    @property
    def window(self) -> Box:
        """The window in the envelope's own measure."""
        left = self.edge if self.side == "left" else self._size.width - self.edge - self.width
        return Box(left, self.top, left + self.width, self.top + self.height)

    @property
    def _slide(self) -> tuple[float, float]:
        """How far the folded sheet can slide in the envelope: across and down."""
        return self._size.width - SHEET_WIDTH, self._size.height - self._size.folds[0]

    @property
    def safe_box(self) -> Box:
        """What the window shows however the sheet lies: the window, less the sheet's freedom to slide.

        For the right window of a C5 that is x from 229-edge-width to 210-edge, y from top to top+height-13.5.
        """
        (across, down), window = self._slide, self.window
        return self._moved(Box(window.left, window.top, window.right - across, window.bottom - down))

    @property
    def exposed_box(self) -> Box:
        """All that the window can ever show, cut to the sheet: nothing but the address may stand in it."""
        (across, down), window = self._slide, self.window
        box = self._moved(Box(window.left - across, window.top - down, window.right, window.bottom))
        return Box(max(0, box.left), max(0, box.top), min(SHEET_WIDTH, box.right), min(self.folds[0], box.bottom))

    def _moved(self, box: Box) -> Box:
        (x, y) = (self.offset_x, self.offset_y)
        return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


# Named after the window's place (H right, V left); see `Envelope` on where the millimetres come from.
PROFILES = {
    envelope.name: envelope
    for envelope in (
        Envelope("C5 H2"),
        Envelope("C5 V2", side="left"),
        Envelope("C65 H2", format="C65"),
        Envelope("C65 V2", format="C65", side="left"),
    )
}


def profiles(found: object) -> dict[str, Envelope]:
    """The envelopes of a municipality's configuration, a list of mappings, by their names in the order given.

    ValueError: it is no list of mappings, an envelope has no name of its own, or `Envelope.from_dict` refuses one.
    """
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise ValueError("envelopes: a list of envelopes is needed")
    known: dict[str, Envelope] = {}
    for place, given in enumerate(found, 1):
        if not isinstance(given, Mapping):
            raise ValueError(f"envelopes: number {place} must say name: …, format: … and so on, not {given!r}")
        name = given.get("name")
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"envelopes: number {place} needs a name")
        if name in known:
            raise ValueError(f"envelopes: two are named {name!r}")
        known[name] = Envelope.from_dict(given)
    return known


def choose(envelope: object, known: Mapping[str, Envelope]) -> Envelope:
    """The envelope that a configuration means: one of the known by its name, or one written out as a mapping.

    ValueError names the known ones, or says what is wrong with the mapping.
    """
    if isinstance(envelope, Mapping):
        return Envelope.from_dict(envelope)
    if isinstance(envelope, str) and envelope in known:
        return known[envelope]
    raise ValueError(f"envelope: {envelope!r} is none of {', '.join(known) or 'the envelopes (there are none)'}")
