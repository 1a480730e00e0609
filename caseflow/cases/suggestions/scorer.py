"""What was learnt, as plain numbers: a text gets probabilities, and the words that decided are named.

Nothing here can run code or needs the library that did the learning.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from caseflow.cases.suggestions.vocabulary import features

WORDS_SHOWN = 4


@dataclass(frozen=True)
class Guess:
    """One label with its probability, and the words of the text that speak for it, the strongest first."""

    label: str
    probability: float
    words: list[str]


@dataclass(frozen=True)
class Scorer:
    """A multinomial logistic regression over binary TF-IDF.

    `rarity` is each feature's inverse document frequency, `weights[feature]` the pairs of a label's place and its
    weight (those left out are nought), `bias` stands in the order of `labels`.
    """

    labels: Sequence[str]
    bias: Sequence[float]
    rarity: Mapping[str, float]
    weights: Mapping[str, Sequence[tuple[int, float]]]

    def guess(self, text: str, among: frozenset[str] | None = None) -> Guess | None:
        """The likeliest label (of those in `among`); None where none is left or no word speaks for it."""
        known = {name: word for name, word in features(text).items() if name in self.rarity}
        length = math.sqrt(sum(self.rarity[name] ** 2 for name in known))
        places = [place for place, label in enumerate(self.labels) if among is None or label in among]
        if not length or not places:
            return None
        shares = {name: self.rarity[name] / length for name in known}
        scores = list(self.bias)
        for name, share in shares.items():
            for place, weight in self.weights.get(name, ()):
                scores[place] += share * weight
        best = max(places, key=lambda place: scores[place])
        total = sum(math.exp(scores[place] - scores[best]) for place in places)
        words = self._deciding(known, shares, best)
        return Guess(self.labels[best], 1 / total, words) if words else None

    def _deciding(self, known: Mapping[str, str], shares: Mapping[str, float], place: int) -> list[str]:
        said: dict[str, float] = {}
        for name, word in known.items():
            weight = dict(self.weights.get(name, ())).get(place, 0.0)
            said[word] = said.get(word, 0.0) + shares[name] * weight
        strongest = sorted((word for word in said if said[word] > 0), key=lambda word: -said[word])
        return strongest[:WORDS_SHOWN]

    def packed(self) -> bytes:
        return gzip.compress(json.dumps(asdict(self), ensure_ascii=False).encode(), mtime=0)

    @classmethod
    def unpacked(cls, kept: bytes) -> Scorer:
        return cls(**json.loads(gzip.decompress(kept)))
