"""The forms that join cases and part them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.validators import DataRequired

from caseflow.cases import typed
from caseflow.cases.screen.form_parts import ActForm, choice, radio, refuse_gap, submission_field, text_field

HINDRANCES = {
    "itself": _l("That is this case. Write the number of the other one."),
    "merged": _l("One of the cases is merged already. Open its main case and merge that one."),
    "status": _l("The case is closed already: open it again first, or merge the other way round."),
    "secret": _l("The cases cannot be joined: one of the departments keeps its cases secret."),
    "unknown": _l("There is no such case that you may handle."),
    "joined": _l("They are joined already."),
    "parent": _l("The smaller case is part of another one already: part those first."),
    "circle": _l("The other case is a part of this one already."),
    "busy": _l("Somebody is doing something with that case just now. Try again."),
}

HOW = {
    "related": _l("Related to this one"),
    "parent": _l("Greater: this one is a part of it"),
    "child": _l("A part of this one"),
}


class OtherForm(ActForm):
    """An act on this case and another one, which is named by its number."""

    other = StringField(
        _l("Number of the other case"),
        filters=[typed.text],
        validators=[DataRequired(_l("Write the number of the case."))],
    )

    def refuse(self, why: str) -> None:
        """Say at the field why the other case will not do."""
        self.other.errors = [str(HINDRANCES[why])]


class MergerForm(OtherForm):
    title, verb = _l("Merge with another case"), "take_in"
    keep = radio(_l("Which case is to be the main one?"), _l("Choose the main case."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.keep.choices = [("this", _("This one")), ("other", _("The other one"))]
        self.keep.data = self.keep.data or "this"

    @property
    def act(self) -> str:
        return "merge" if self.keep.data == "other" else "take_in"

    def facts(self) -> Mapping[str, object]:
        return {"main" if self.keep.data == "other" else "merged": self.other.data}


class LinkForm(OtherForm):
    title, verb = _l("Link with another case"), "relate"
    how = choice(_l("What is the other case to this one?"), _l("Choose how they belong together."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.how.choices = list(HOW.items())
        self.how.data = self.how.data or "related"

    def facts(self) -> Mapping[str, object]:
        return {"other": self.other.data, "how": self.how.data}


class UnlinkForm(LinkForm):
    title, verb = _l("Part the cases"), "unrelate"


class SplitForm(ActForm):
    """`mark` makes splitting it twice (a double click) one case."""

    title, verb = _l("Make a case of its own of a part"), "split_off"
    submission = submission_field()
    text = text_field(
        _l("What the other case is about, in the resident's words"), empty=_l("Copy the part of the text here.")
    )
    department = choice(_l("Department"), _l("Choose the department."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        there = self.desk.departments.items()
        self.department.choices = [(code, name) for code, name in there if code not in self.desk.retired]
        self.department.data = self.department.data or self.case.department_code

    def facts(self) -> Mapping[str, object]:
        return {"mark": self.submission.data}


class AnswersForm(ActForm):
    """One text for all open parts of a case; each is answered by its own resident's channel."""

    title, verb = _l("Answer all open parts with one text"), "relate"
    submission = submission_field()
    text = text_field(_l("Reply to each of them"), empty=_l("Write something first."))
    close_after = BooleanField(_l("Close the cases after sending"), default=True)

    def validate_text(self, field: Field) -> None:
        refuse_gap(field.data or "")


class SeparationForm(ActForm):
    title, verb = _l("Take it out again"), "unmerge"


FORMS: dict[str, type[ActForm]] = {
    "merger": MergerForm,
    "separation": SeparationForm,
    "link": LinkForm,
    "unlinking": UnlinkForm,
    "part": SplitForm,
    "answers": AnswersForm,
}
