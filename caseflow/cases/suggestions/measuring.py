"""How often suggestions would have been right, on cases that nothing was learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from caseflow.cases.suggestions.learning import Example
from caseflow.cases.suggestions.scorer import Guess

# Below so many suggestions a share says nothing (shared/facts: no table below its n).
FEWEST = 20
STEPS = tuple(step / 100 for step in (0, 30, 40, 50, 60, 70, 80, 85, 90, 95, 97, 99))

Guesser = Callable[[str], Guess | None]


@dataclass(frozen=True)
class Place:
    """One label: how many cases were its, how often it was suggested, and how often rightly."""

    cases: int = 0
    suggested: int = 0
    right: int = 0


@dataclass(frozen=True)
class Step:
    """What is left, and right, when only suggestions at least so probable are looked at."""

    probability: float
    suggested: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 0.0


@dataclass(frozen=True)
class Measure:
    """Of `cases` held back, `right` were guessed rightly; those without a guess count as wrong."""

    cases: int
    right: int
    steps: list[Step] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def accuracy(self) -> float:
        return self.right / self.cases if self.cases else 0.0

    def precision_at(self, probability: float) -> float | None:
        """The precision of all suggestions at least so probable, rounded towards safety; None where they are few."""
        reached = [step for step in self.steps if step.probability <= probability and step.suggested >= FEWEST]
        return reached[-1].precision if reached else None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: dict[str, object]) -> Measure:
        steps, places = kept["steps"], kept["places"]
        assert isinstance(steps, list) and isinstance(places, dict)
        own = {"steps": [Step(**one) for one in steps], "places": {code: Place(**one) for code, one in places.items()}}
        return cls(**{**kept, **own})  # type: ignore[arg-type]  # as `as_dict` wrote it


def measure(guesser: Guesser, held_back: Sequence[Example]) -> Measure:
    """Try the guesser on (text, label) pairs."""
    tried = [(guesser(text), label) for text, label in held_back]
    hits = [guess is not None and guess.label == label for guess, label in tried]
    labels = sorted({label for _guess, label in tried} | {guess.label for guess, _label in tried if guess})
    return Measure(
        len(tried), sum(hits), [_step(tried, step) for step in STEPS], {label: _place(tried, label) for label in labels}
    )


def _step(tried: Sequence[tuple[Guess | None, str]], probability: float) -> Step:
    sure = [guess.label == label for guess, label in tried if guess and guess.probability >= probability]
    return Step(probability, len(sure), sum(sure))


def _place(tried: Sequence[tuple[Guess | None, str]], label: str) -> Place:
    suggested = [right for guess, right in tried if guess and guess.label == label]
    return Place(sum(right == label for _guess, right in tried), len(suggested), suggested.count(label))
