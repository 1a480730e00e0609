"""What the forms of standard texts and of macros have in common: for whom it is, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import Length

from caseflow.cases import typed
from caseflow.cases.models import LANGUAGES
from caseflow.cases.screen.form_parts import choice
from caseflow.cases.texts.shelf import Shelved

OWN, ALL = "own", "all"
TITLE_LENGTH = 100


def title(label: str) -> StringField:
    short = Length(max=TITLE_LENGTH, message=_l("Write a shorter title."))
    return StringField(label, filters=[typed.text], validators=[short])


class ShelfForm(Form):
    """`places` are the departments that the person may share with, by code. Its children have a title by language."""

    whose = choice(_l("For"), _l("Choose who may use it."))

    def __init__(
        self,
        formdata: MultiDict[str, str] | None,
        one: Shelved | None,
        places: Mapping[str, str],
        *,
        shares_with_all: bool,
    ) -> None:
        super().__init__(formdata)
        everybody = {ALL: _("All departments")} if shares_with_all else {}
        self.whose.choices = list({OWN: _("Only me"), **everybody, **places}.items())
        if formdata is None:
            self.whose.data = OWN if one is None or one.owner_id else one.department_code or ALL
            for language in LANGUAGES:
                self[f"title_{language}"].data = one.titles.get(language) if one else None

    @property
    def is_shared(self) -> bool:
        return bool(self.whose.data) and self.whose.data != OWN

    @property
    def titles(self) -> dict[str, str]:
        return {language: said for language in LANGUAGES if (said := self[f"title_{language}"].data)}

    def fill_in(self, one: Shelved, staff_id: int) -> None:
        """Put what a valid form says of both into it."""
        one.owner_id = None if self.is_shared else staff_id
        one.department_code = self.whose.data if self.whose.data not in (OWN, ALL) else None
        one.titles = self.titles
