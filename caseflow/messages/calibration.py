"""The page with which a municipality fits the letters to its own envelopes and printer."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from caseflow.messages import press
from caseflow.messages.envelopes import MARGIN, OFFSET_LIMIT, Envelope
from caseflow.messages.glyphs import drawable
from caseflow.messages.typesetting import Language, place, places


@dataclass(frozen=True)
class Guide:
    """All the words of the page, translated by the caller.

    `steps` say what to do, one sentence or two each: print without scaling; check the line of 100 mm; fold where the
    dashes are, the text outwards; put it in; knock the envelope's left edge and then its bottom edge on the table; read
    the upper scale at the window's left edge and the other scale at its bottom edge, with the minus where one stands;
    type both numbers into the settings. `across` and `down` name the two numbers as the settings do. `ruler` stands at
    the line of 100 mm, `fold` at the folds, `safe` ("always seen") and `exposed` ("seen when the page slides") in the
    boxes. `sample` is an address of 2 to 5 lines (ValueError).
    """

    language: Language
    title: str
    intro: str
    steps: tuple[str, ...]
    across: str
    down: str
    ruler: str
    fold: str
    safe: str
    exposed: str
    sample: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.sample) <= 5:
            raise ValueError("the sample address needs 2 to 5 lines")


def calibration(envelope: Envelope, guide: Guide, *, at: datetime) -> bytes:
    """An A4 page as PDF/A-2a and PDF/UA-1: rulers, the window's boxes and folds, a sample address, what to do.

    It is drawn without the envelope's present offsets, so that the two numbers that are read off it are the new
    `offset_x` and `offset_y` themselves, whatever they were before. `at` needs a time zone (ValueError).
    """
    plain = replace(envelope, offset_x=0, offset_y=0)
    words = {name: _drawable(value) for name, value in asdict(guide).items()}
    width, height = plain.size
    drawing = {"width": width, "height": height, "window": place(plain.window), "side": plain.side}
    data = {"guide": words, "name": drawable(plain.name), "format": plain.format, "envelope": drawing}
    return press.pdf("calibration.typ", data | {"margin": MARGIN, "reach": OFFSET_LIMIT} | places(plain), at=at)


def _drawable(value: str | tuple[str, ...]) -> str | list[str]:
    return drawable(value) if isinstance(value, str) else [drawable(part) for part in value]
