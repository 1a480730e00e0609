"""One text to many residents: filled in for each case, in its own language where the text is written in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from caseflow.accounts.models import Staff
from caseflow.cases import scope
from caseflow.cases.models import LANGUAGES, Case
from caseflow.cases.municipality import directory
from caseflow.cases.texts import placeholders, shelf
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.database import db


@dataclass(frozen=True)
class Written:
    """What one case's resident would read; `lack` says why it cannot be sent as it is."""

    number: str
    language: str
    text: str
    lack: str


def for_case(case: Case, raw: str, staff: Staff, *, today: date) -> Written:
    facts = placeholders.facts(case, directory.municipality(), staff, today=today)
    lack = _lack(placeholders.lacking(raw, facts))
    return Written(case.number, case.language, placeholders.filled(raw, facts), lack)


def _lack(gap: str | None) -> str:
    if gap is None:
        return ""
    if gap == "due":
        return _("The day of “%(gap)s” has passed. Write another day.", gap="{{due}}")
    what = placeholders.KNOWN[gap]
    return _("The case does not know what stands for “%(gap)s”: %(what)s.", gap=f"{{{{{gap}}}}}", what=what)


def raw(case: Case, fields: Mapping[str, str], macro: Macro | None) -> str:
    """The text before it is filled in: a macro's, or what was typed, in the case's language when there is one in it."""
    if macro is not None:
        return macro.text.text(case.language) if macro.text else ""
    return fields.get(f"text_{case.language}") or fields.get("text", "")


def preview(
    staff: Staff, numbers: Sequence[str], fields: Mapping[str, str], macro: Macro | None, *, today: date
) -> list[Written]:
    """For every case of the list in scope, in its order; one statement."""
    asked = sa.select(Case).where(scope.within(staff), Case.number.in_(numbers)).options(joinedload(Case.department))
    cases = {case.number: case for case in db.session.scalars(asked)}
    return [
        for_case(case, raw(case, fields, macro), staff, today=today)
        for number in numbers
        if (case := cases.get(number))
    ]


def fitting(staff: Staff, departments: set[str]) -> list[StandardText]:
    """The texts for these cases: one's own and all those that are for everybody, or for the one department."""
    here = {None, *(departments if len(departments) == 1 else ())}
    return [one for one in shelf.all_of(StandardText, staff) if one.department_code in here]


def inserted(fields: Mapping[str, str], text: StandardText, language: str) -> dict[str, str]:
    """The typed texts with a standard text after them: in the language of most, and in each other that it has."""
    after = {"text": text.text(language)}
    after |= {f"text_{one}": text.texts[one] for one in LANGUAGES if one != language and text.texts.get(one)}
    return {name: "\n\n".join(filter(None, (fields.get(name, "").strip(), said))) for name, said in after.items()}
