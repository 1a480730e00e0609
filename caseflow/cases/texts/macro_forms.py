"""Running a macro on a case, and putting one together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, StringField, ValidationError
from wtforms.validators import Length

from caseflow.cases import typed, words
from caseflow.cases.models import RESOLUTIONS
from caseflow.cases.screen.form_parts import REASON_LENGTH, ActForm, choice
from caseflow.cases.screen.forms import NoteForm, QuestionForm, ReplyForm
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.shelf_form import ShelfForm, title

# What says a macro's text, with all the rules of its kind.
SAYING: dict[str | None, type[ActForm]] = {"reply": ReplyForm, "question": QuestionForm, "note": NoteForm}
MOST_DAYS = 250


class SilentForm(ActForm):
    """A macro that says nothing: only acts."""

    title, verb = _l("Run the macro"), "macro"


def running(macro: Macro) -> type[ActForm]:
    return SAYING.get(macro.says, SilentForm)


class MacroForm(ShelfForm):
    """`places`, `texts` and `categories` are what the person may choose, `departments` where a case can go."""

    title_sv, title_en, title_fi = title("Svenska"), title("English"), title("Suomi")
    category = choice(_l("Set the category"), _l("Choose one of the list."), or_nothing=True)
    takes = BooleanField(_l("Whoever runs it takes the case"))
    says = choice(_l("Say"), _l("Choose one of the list."), or_nothing=True)
    text = choice(_l("With this standard text"), _l("Choose one of the list."), or_nothing=True)
    ends = choice(_l("Then"), _l("Choose one of the list."), or_nothing=True)
    resolution = choice(_l("Close as"), _l("Choose how the case ended."), or_nothing=True)
    days = StringField(_l("Plan for how many working days ahead"), filters=[typed.text])
    to = choice(_l("Move to"), _l("Choose the department."), or_nothing=True)
    reason = StringField(
        _l("Reason; when closing or planning the resident reads it"),
        filters=[typed.text],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )

    def __init__(
        self,
        formdata: MultiDict[str, str] | None,
        *,
        macro: Macro | None,
        places: Mapping[str, str],
        texts: Mapping[str, str],
        own_texts: Collection[str],
        categories: Mapping[str, str],
        departments: Mapping[str, str],
        shares_with_all: bool,
    ) -> None:
        super().__init__(formdata, macro, places, shares_with_all=shares_with_all)
        self.own_texts = own_texts
        nothing = [("", _("Nothing"))]
        says = {"reply": _("Answer the resident"), "question": _("Ask the resident"), "note": _("An internal note")}
        ends = {"close": _("Close the case"), "park": _("Plan for later"), "transfer": _("Move to another department")}
        self.says.choices, self.ends.choices = [*nothing, *says.items()], [*nothing, *ends.items()]
        self.text.choices, self.category.choices = [("", _("Choose")), *texts.items()], [*nothing, *categories.items()]
        endings = [(code, words.RESOLUTION[code]) for code in RESOLUTIONS]
        self.resolution.choices = [("", _("Choose")), *endings]
        self.to.choices = [("", _("Choose a department")), *departments.items()]
        if formdata is None and macro is not None:
            self._show(macro)

    def _show(self, macro: Macro) -> None:
        self.category.data, self.takes.data = macro.category_code or "", macro.takes
        self.says.data, self.text.data = macro.says or "", str(macro.text_id or "")
        self.ends.data, self.resolution.data = macro.ends or "", macro.resolution or ""
        self.days.data, self.to.data = str(macro.days or ""), macro.to_department or ""
        self.reason.data = macro.reason

    @property
    def whole_days(self) -> int | None:
        typed = self.days.data or ""
        days = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        return days if 0 < days <= MOST_DAYS else None

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        needed = {
            "title_sv": (bool(self.titles), _("Write a title in at least one language.")),
            "text": (bool(self.text.data) or not self.says.data, _("Choose the text.")),
            "resolution": (self.ends.data != "close" or bool(self.resolution.data), _("Choose how the case ended.")),
            "days": (self.ends.data != "park" or self.whole_days is not None, _("Write a number from 1 to 250.")),
            "to": (self.ends.data != "transfer" or bool(self.to.data), _("Choose the department.")),
            "reason": (bool(self.reason.data) or not self._asks_why, _("Say why in words.")),
            "says": (self._does_something, _("A macro that does nothing helps nobody: choose at least one act.")),
        }
        for name, (there, said) in needed.items():
            if not there:
                self[name].errors = [*self[name].errors, said]
        return sound and all(there for there, _said in needed.values())

    def validate_text(self, field: Field) -> None:
        if self.is_shared and self.says.data and field.data in self.own_texts:
            raise ValidationError(_("Only you have this text. Share the text first, or keep the macro to yourself."))

    @property
    def _asks_why(self) -> bool:
        return bool(self.ends.data) and not (self.ends.data == "close" and self.resolution.data == "answered")

    @property
    def _does_something(self) -> bool:
        return any((self.says.data, self.ends.data, self.takes.data, self.category.data))

    def fill(self, macro: Macro, staff_id: int) -> None:
        """Put what a valid form says into the macro; what belongs to another ending is left out."""
        ends = self.ends.data or None
        self.fill_in(macro, staff_id)
        macro.takes = bool(self.takes.data)
        macro.category_code, macro.says = self.category.data or None, self.says.data or None
        macro.text_id = int(self.text.data) if self.says.data else None
        macro.ends, macro.reason = ends, (self.reason.data or None) if ends else None
        macro.resolution = self.resolution.data if ends == "close" else None
        macro.days = self.whole_days if ends == "park" else None
        macro.to_department = self.to.data if ends == "transfer" else None
