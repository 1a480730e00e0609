"""Learning from examples, by scikit-learn; it is loaded only here, where somebody learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from caseflow.cases.suggestions.scorer import Scorer
from caseflow.cases.suggestions.vocabulary import features

# A label needs so many examples, and a word so many texts: what is rarer would be learnt by heart.
FEWEST_EXAMPLES, FEWEST_TEXTS = 8, 2
MOST_FEATURES = 20_000
SMALLEST, DIGITS = 0.1, 3  # weights below change hardly an answer and would be most of what is kept

Example = tuple[str, str]


def learnable(examples: Sequence[Example]) -> list[Example]:
    """The (text, label) pairs of the labels that there are enough examples of."""
    counted = Counter(label for _text, label in examples)
    return [(text, label) for text, label in examples if counted[label] >= FEWEST_EXAMPLES]


def learn(examples: Sequence[Example]) -> Scorer | None:
    """What tells the labels apart; None where there are fewer than two of them with enough examples.

    The same examples in the same order teach the same.
    """
    kept = learnable(examples)
    if len({label for _text, label in kept}) < 2:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    vectorizer = TfidfVectorizer(analyzer=features, binary=True, min_df=FEWEST_TEXTS, max_features=MOST_FEATURES)
    try:
        table = vectorizer.fit_transform(text for text, _label in kept)
    except ValueError:  # no word stands in two texts
        return None
    # So small are the sums that threads only wait for one another: one needs a tenth of their time.
    with threadpool_limits(1):
        model = LogisticRegression(C=10, max_iter=60, tol=1e-3).fit(table, [label for _text, label in kept])
    return _as_plain_numbers(model, vectorizer)


def _as_plain_numbers(model: Any, vectorizer: Any) -> Scorer:
    """Of two labels the library keeps one's weights only: the other's are their opposite."""
    rows, bias = model.coef_.tolist(), model.intercept_.tolist()
    if len(rows) == 1:
        rows, bias = [[-half for half in _halves(rows[0])], _halves(rows[0])], [-bias[0] / 2, bias[0] / 2]
    names = vectorizer.get_feature_names_out().tolist()
    weights = {
        name: [(place, round(row[column], DIGITS)) for place, row in enumerate(rows) if abs(row[column]) >= SMALLEST]
        for column, name in enumerate(names)
    }
    rarity = dict(zip(names, (round(one, DIGITS) for one in vectorizer.idf_.tolist()), strict=True))
    return Scorer(model.classes_.tolist(), bias, rarity, weights)


def _halves(row: list[float]) -> list[float]:
    return [weight / 2 for weight in row]
