"""Window envelopes: where on a folded A4 sheet the window always, and ever, looks. Pure geometry."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, Self, cast

SHEET_WIDTH, SHEET_HEIGHT = 210.0, 297.0


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


@dataclass(frozen=True)
class Envelope:
    """A window envelope for a folded A4 sheet; all lengths in millimetres.

    The window is `width` x `height`, `top` below the envelope's top edge and `edge` from the envelope's edge on its
    own `side`. The defaults are NOT from a standard: Sweden names its window positions H2 (right) and V2 (left,
    harrykuvert.se), but SS 61 34 01 (ed. 2, 2003) defines address parts and no windows, and no citable drawing was
    found. A Swiss right-window preset (pascal-huber/typst-letter-template: 120/52, 80 x 31.5) is close. A municipality
    measures its own envelopes, or asks its supplier, and changes them.
    """

    name: str = "C5 H2"
    format: Literal["C5", "C65"] = "C5"
    side: Literal["right", "left"] = "right"
    width: float = 100
    height: float = 35
    edge: float = 16
    top: float = 40

    def __post_init__(self) -> None:
        if self.format not in _FORMATS:
            raise ValueError(
                f"envelope {self.name!r}: format must be one of {', '.join(_FORMATS)}, not {self.format!r}"
            )
        if self.side not in ("right", "left"):
            raise ValueError(f"envelope {self.name!r}: side must be 'right' or 'left', not {self.side!r}")
        for length in ("width", "height", "edge", "top"):
            self._check_length(length, getattr(self, length))
        self._check_window()

    def _check_length(self, length: str, value: Any) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and value > 0):
            raise ValueError(f"envelope {self.name!r}: {length} must be millimetres above 0, not {value!r}")

    def _check_window(self) -> None:
        if self.edge + self.width > self._size.width or self.top + self.height > self._size.height:
            raise ValueError(f"envelope {self.name!r}: the window reaches outside a {self.format} envelope")
        box = self.safe_box
        if box.width < 60 or box.height < 14:
            raise ValueError(
                f"envelope {self.name!r}: {box.width:.1f} x {box.height:.1f} mm is left for the address when the sheet"
                " slides in the envelope; 60 x 14 mm is the least that holds one"
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
        """Where the sheet is folded: millimetres from its top edge."""
        return self._size.folds

    @property
    def _slide(self) -> tuple[float, float]:
        """How far the folded sheet can slide in the envelope: across and down."""
        return self._size.width - SHEET_WIDTH, self._size.height - self.folds[0]

    @property
    def _window(self) -> Box:
        """The window in the envelope's own measure."""
        left = self.edge if self.side == "left" else self._size.width - self.edge - self.width
        return Box(left, self.top, left + self.width, self.top + self.height)

    @property
    def safe_box(self) -> Box:
        """What the window shows however the sheet lies: the window, less the sheet's freedom to slide.

        For the right window of a C5 that is x from 229-edge-width to 210-edge, y from top to top+height-13.5.
        """
        (across, down), window = self._slide, self._window
        return Box(window.left, window.top, window.right - across, window.bottom - down)

    @property
    def exposed_box(self) -> Box:
        """All that the window can ever show, cut to the sheet: nothing but the address may stand in it."""
        (across, down), window = self._slide, self._window
        return Box(
            max(0, window.left - across),
            max(0, window.top - down),
            min(SHEET_WIDTH, window.right),
            min(self.folds[0], window.bottom),
        )
