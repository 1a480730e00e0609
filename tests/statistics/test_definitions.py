"""Each figure is defined once, and the documentation says the same."""

from __future__ import annotations

from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import Group, cells
from tests import definitions


def test_the_documentation_says_what_the_page_says() -> None:
    """`python -m tests.definitions` writes it anew."""
    assert definitions.PAGE.read_text(encoding="utf-8") == definitions.page()


def test_every_figure_of_a_group_is_defined() -> None:
    assert set(cells(Group())) <= set(FIGURES)
