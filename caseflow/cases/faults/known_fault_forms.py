"""The words that a caseworker writes about a fault for all residents, and taking them away again."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from caseflow import clock
from caseflow.cases import typed, words
from caseflow.cases.faults.known_fault import KnownFault
from caseflow.cases.faults.known_faults import PLACE_LENGTH, TITLE_LENGTH, Line
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import ActForm, DayField

_TOO_LONG = _l("Write it shorter.")


class PublishForm(ActForm):
    """`held` is what residents are told already, if they are."""

    title, verb = _l("Tell residents of the fault"), "publish"
    line = StringField(
        _l("What is wrong"),
        filters=[typed.line],
        validators=[
            DataRequired(_l("Write in a few words what is wrong.")),
            Length(max=TITLE_LENGTH, message=_TOO_LONG),
        ],
    )
    place = StringField(_l("Where"), filters=[typed.line], validators=[Length(max=PLACE_LENGTH, message=_TOO_LONG)])
    point = StringField(_l("Coordinates"), filters=[typed.line], validators=[Length(max=60, message=_TOO_LONG)])
    since = DayField(_l("Since"), validators=[InputRequired(_l("Write the day since when it is so."))])

    def __init__(
        self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk, held: KnownFault | None = None
    ) -> None:
        super().__init__(formdata, case=case, desk=desk)
        if formdata is None:
            self._begin_with(case, held)

    def _begin_with(self, case: Case, held: KnownFault | None) -> None:
        """Never with the resident's own words; coordinates alone are shown to nobody."""
        there = words.COORDINATES.search(case.place or "")
        self.since.data = held.since if held else clock.today(case.received_at, directory.known().zone)
        self.point.data = (held.point or "") if held else there.group() if there else ""
        if held:
            self.line.data, self.place.data = held.title, held.place

    def validate_line(self, field: Field) -> None:
        _names_nobody(self.case, field)

    def validate_place(self, field: Field) -> None:
        _names_nobody(self.case, field)

    def validate_point(self, field: Field) -> None:
        if field.data and not words.geo_address(field.data):
            raise ValidationError(_("Write the coordinates as 58.70560, 15.76740, or leave this empty."))

    def validate_since(self, field: Field) -> None:
        if field.data and field.data > self.desk.today:
            raise ValidationError(_("Write a day that has been."))

    def facts(self) -> Mapping[str, object]:
        return {"title": self.line.data, "place": self.place.data}

    @property
    def said(self) -> Line:
        """What a valid form tells."""
        return Line(str(self.line.data), str(self.place.data), self.since.data, self.point.data or None)  # type: ignore[arg-type]  # a valid form has a day


class UnpublishForm(ActForm):
    title, verb = _l("Stop telling residents of it"), "unpublish"


def _names_nobody(case: Case, field: Field) -> None:
    """Who has reported it is nobody's business; caught where somebody copies without looking."""
    said = (field.data or "").casefold()
    known = [one.casefold() for one in (case.name, case.email, case.phone) if one]
    digits = "".join(sign for sign in said if sign.isdigit())
    if any(one in said for one in known) or (case.phone and len(digits) > 6 and case.phone[3:] in digits):
        raise ValidationError(_("Everybody can read this. Leave out who has reported it."))
