"""What residents meet after they have sent their case."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.base import Row
from caseflow.administration.rows.choices import Flag
from caseflow.administration.rows.numbers import Whole
from caseflow.administration.rows.words import Lines
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.municipality import resident_rules


def residents() -> Sheet:
    return Sheet(
        _l("The resident’s own page"),
        (
            Whole(
                ("residents", "reopen_days"),
                _l("For so many days after the answer a resident can say that it is not solved. 0: never."),
                width="s",
                limit=resident_rules.MOST_DAYS,
            ),
            Whole(
                ("residents", "survey_days"),
                _l("For so many days after the end we ask how it went. 0: never."),
                width="s",
                limit=resident_rules.MOST_DAYS,
            ),
            Whole(
                ("residents", "proof_bits"),
                _l("Against robots, when other means are not enough. 16 takes a telephone a second. 0: none."),
                width="s",
                limit=resident_rules.MOST_BITS,
            ),
            Row(
                ("residents", "forwarding"),
                _l("How a letter reaches somebody with protected personal data: the tax agency’s address for that."),
                limit=200,
            ),
            Flag(
                ("residents", "known_faults"),
                _l("In every department that is not secret. Else only where a department or category says so."),
                shape="check",
            ),
            Lines(
                ("residents", "sites"),
                _l("For the FeedBack button. One on each line, for example https://www.example.org."),
                check=resident_rules.origin,
                limit=4000,
                shape="area",
            ),
        ),
        defaults={"residents": resident_rules.DEFAULTS},
    )
