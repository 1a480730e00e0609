"""How the residents' pages look, and what they say of themselves."""

from __future__ import annotations

from functools import partial

from flask_babel import lazy_gettext as _l

from caseflow import theme
from caseflow.administration.rows.colours import Colour
from caseflow.administration.rows.words import Texts
from caseflow.administration.sheets.sheet import Sheet


def colours() -> Sheet:
    return Sheet(
        _l("Colours"),
        (
            Colour(
                ("theme", "accent"),
                _l("For example #0b5d52. Leave it empty, and the house’s own green is used."),
                width="m",
                shape="colour",
                check=partial(theme.check, ground=theme.LIGHT),
            ),
            Colour(
                ("theme", "dark"),
                _l("For those whose screen is dark. Leave it empty, and it is made from the other one."),
                width="m",
                shape="colour",
                check=partial(theme.check, ground=theme.DARK),
            ),
        ),
        _l("Links, the one primary button, and the ring of what has the focus: on all pages, in mails and letters."),
        preview="theme",
        frank=True,
    )


def start() -> Sheet:
    row = Texts(("start",), _l("Under the heading. It may be empty."), limit=400, shape="areas")
    return Sheet(_l("Start page"), (row,), preview="start")
