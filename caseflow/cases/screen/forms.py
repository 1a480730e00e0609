"""The forms of the staff screens: one for each act on a case. What they take in is clean when `validate` says yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, StringField, ValidationError
from wtforms.validators import Length

from caseflow.accounts.models import Staff
from caseflow.cases import announcements, lifecycle, typed, words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.files.attachment_field import AttachmentsField
from caseflow.cases.models import Case
from caseflow.cases.post import paper
from caseflow.cases.relations import merging
from caseflow.cases.screen import mentions
from caseflow.cases.screen.checklist_form import Unfinished
from caseflow.cases.screen.contact_fields import ContactFields
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import (
    REASON_LENGTH,
    ActForm,
    TextForm,
    choice,
    radio,
    reason_field,
    refuse_gap,
)
from caseflow.cases.watch import absence


class NoteForm(TextForm):
    """`people` are the colleagues whom a valid note calls to the case."""

    title, verb = _l("Write an internal note"), "note"
    tell = choice(_l("Tell a colleague"), _l("Choose somebody who works in the department."), or_nothing=True)

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        self.people: list[Staff] = []
        self.tell.choices = [("", _("Nobody")), *((str(key), name) for key, name in desk.colleagues.items())]
        self.tell.data = self.tell.data or ""

    def validate_text(self, field: Field) -> None:
        if not self.tell.data and "@" not in (field.data or ""):
            return
        readers = mentions.readers(self.case)
        try:
            named = mentions.named(field.data or "", readers)
        except mentions.Unknown as error:
            told = _("Several people are called @%(name)s: write the whole name.", name=error.name)
            nobody = _(
                "Nobody called @%(name)s may see the case. Write another name, or leave out the @.", name=error.name
            )
            raise ValidationError(told if error.several else nobody) from error
        self.people = [*named, *(one for one in readers if str(one.id) == self.tell.data and one not in named)]


class QuestionForm(TextForm):
    title, verb = _l("Ask the resident"), "ask"
    channel = radio(_l("Send by"), _l("Choose how to send it."))
    files = AttachmentsField(_l("Attach files"))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        reachable = announcements.reachable_by(case)
        self.channel.choices = [(code, delivery_words.WAY[code]) for code in reachable]
        if formdata is None:
            self.channel.data = case.reply_by if case.reply_by in reachable else reachable[0]

    def validate_text(self, field: Field) -> None:
        refuse_gap(field.data or "")
        if self.on_paper:
            paper.check_text(field.data or "")

    def validate_channel(self, field: Field) -> None:
        if field.data == "letter":
            paper.check_address(self.case)

    def validate_files(self, field: Field) -> None:
        if self.on_paper:
            paper.check_files(field.data)

    @property
    def on_paper(self) -> bool:
        """Whether it is printed for anybody."""
        return bool(self.channel.data == "letter")


class ReplyForm(Unfinished, QuestionForm):
    title, verb = _l("Reply to the resident"), "reply"
    reason = StringField(
        _l("Why another channel than the one that the resident asked for?"),
        filters=[typed.text],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )
    close_after = BooleanField(_l("Close the case after sending"), default=True)

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        if formdata is None and case.made_known:  # one of many is answered, and the fault is still there
            self.close_after.data = False

    @property
    def closing(self) -> bool:
        return bool(self.close_after.data)

    @property
    def on_paper(self) -> bool:
        return super().on_paper or merging.anybody_by_letter(self.case)

    def validate_reason(self, field: Field) -> None:
        if self.channel.data == self.case.reply_by:
            field.data = None
        elif not field.data:
            raise ValidationError(_("Say why the reply goes another way than the resident asked for."))


class AssignmentForm(ActForm):
    title, verb = _l("Assign the case"), "assign"
    assignee = choice(_l("Caseworker"), _l("Choose somebody who works in the department."), or_nothing=True)
    anyway = BooleanField(_l("Give it to them all the same"))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        people = ((str(key), absence.with_note(name, desk.away.get(key))) for key, name in desk.colleagues.items())
        self.assignee.choices = [("", _("Nobody")), *people]
        if formdata is None:
            self.assignee.data = str(case.assignee_id or "")

    def validate_assignee(self, field: Field) -> None:
        """Nobody gives a case to somebody who is away without knowing it."""
        person = self.chosen or 0
        if person in self.desk.away and not self.anyway.data:
            told = absence.in_words(self.desk.colleagues[person], self.desk.away[person])
            raise ValidationError(_("%(away)s. Choose somebody else, or say that you mean it.", away=told))

    @property
    def act(self) -> str:
        return "assign" if self.assignee.data else "release"

    @property
    def chosen(self) -> int | None:
        typed = str(self.assignee.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() else None

    @property
    def chosen_name(self) -> str:
        return self.desk.colleagues.get(self.chosen or 0, "")

    def facts(self) -> Mapping[str, object]:
        return {"assignee": self.chosen}


class TransferForm(ActForm):
    title, verb = _l("Move to another department"), "transfer"
    department = choice(_l("Department"), _l("Choose the department."))
    reason = reason_field(_l("Say why, so that the next department understands."))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        closed = {case.department_code, *desk.retired}
        elsewhere = {code: name for code, name in desk.departments.items() if code not in closed}
        self.department.choices = [("", _("Choose a department")), *elsewhere.items()]

    def facts(self) -> Mapping[str, object]:
        return {"department": self.department.data}


class ResumptionForm(ActForm):
    title, verb = _l("Take up again"), "resume"


class ClosureForm(Unfinished, ActForm):
    title, verb = _l("Close the case"), "close"
    resolution = choice(_l("How it ended"), _l("Choose how the case ended."))
    reason = StringField(
        _l("Reason, which the resident reads"),
        filters=[typed.text],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        answered = ("answered",) if case.answered_at else ()
        endings = (*answered, *lifecycle.RESOLUTIONS_WITHOUT_ANSWER) if desk.decides else ("registered",)
        self.resolution.choices = [("", _("Choose")), *((code, words.RESOLUTION[code]) for code in endings)]

    def validate_reason(self, field: Field) -> None:
        if self.resolution.data != "answered" and not field.data:
            raise ValidationError(_("Say why in words: the resident reads it."))

    def facts(self) -> Mapping[str, object]:
        return {"resolution": self.resolution.data}


class PriorityForm(ActForm):
    title, verb = _l("Change the priority"), "prioritise"
    priority = choice(_l("Priority"), _l("Choose the priority."), choices=list(words.PRIORITY.items()))

    def facts(self) -> Mapping[str, object]:
        return {"priority": self.priority.data}


class CategoryForm(ActForm):
    title, verb = _l("Choose the category"), "categorise"
    category = choice(_l("Category"), _l("Choose one of the department's categories."), or_nothing=True)

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        self.category.choices = [("", _("None")), *desk.categories.items()]
        if formdata is None:
            self.category.data = case.category_code or ""

    @property
    def chosen(self) -> str | None:
        return self.category.data or None

    def facts(self) -> Mapping[str, object]:
        return {"category": self.chosen}


class ReopeningForm(ActForm):
    title, verb = _l("Open the case again"), "reopen"
    reason = reason_field(_l("Say why the case is opened again."))


class ContactForm(ActForm, ContactFields):
    title, verb = _l("Correct the contact details"), "correct"

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        if formdata is None:
            for name in lifecycle.CONTACT:
                self[name].data = getattr(case, name)

    @property
    def details(self) -> dict[str, str | None]:
        return {name: self[name].data for name in lifecycle.CONTACT}

    @property
    def unchanged(self) -> bool:
        """Whether the case holds these details already."""
        return all(getattr(self.case, name) == value for name, value in self.details.items())

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        return self.complete_for(self.case.reply_by) and sound


class RedirectionForm(ActForm):
    """For one message: the same words by another channel."""

    title, verb = _l("Send another way"), "redirect"
    channel = choice(_l("Send by"), _l("Choose how to send it."))
    reason = reason_field(_l("Say why it goes another way."))

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        super().__init__(formdata, case=case, desk=desk)
        self.channel.choices = [(code, delivery_words.WAY[code]) for code in announcements.reachable_by(case)]

    def facts(self) -> Mapping[str, object]:
        return {"channel": self.channel.data}


class RecallForm(ActForm):
    """For one message that waits to leave the house."""

    title, verb = _l("Take it back"), "recall"
    reason = reason_field(_l("Say why it is not to be sent."))


class SettlementForm(ActForm):
    """For one message of which nobody knows whether it went out."""

    title, verb = _l("Say whether it arrived"), "settle"
    arrived = choice(_l("Did it arrive?"), _l("Say whether it arrived."), choices=[("yes", "yes"), ("no", "no")])


class ResendForm(ActForm):
    title, verb = _l("Send again"), "resend"
