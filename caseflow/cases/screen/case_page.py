"""All that the case's page shows, gathered in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.accounts.models import Staff
from caseflow.cases import announcements, lifecycle, undoing, words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.files import attachments
from caseflow.cases.models import Case, Entry
from caseflow.cases.relations import relation_forms
from caseflow.cases.relations.neighbours import Neighbours
from caseflow.cases.screen.checklist_form import StepForm
from caseflow.cases.screen.conversation import Item, conversation
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.drafts import SORT_OF, Begun, Drafts
from caseflow.cases.screen.form_parts import ActForm, TextForm
from caseflow.cases.screen.forms import (
    AssignmentForm,
    CategoryForm,
    ClosureForm,
    ContactForm,
    NoteForm,
    PriorityForm,
    QuestionForm,
    RecallForm,
    RedirectionForm,
    ReopeningForm,
    ReplyForm,
    ResendForm,
    ResumptionForm,
    SettlementForm,
    TransferForm,
)
from caseflow.cases.screen.parking_form import ParkingForm
from caseflow.cases.screen.suggestion_forms import AcceptanceForm
from caseflow.cases.screen.timeline import why_here
from caseflow.messages.models import TROUBLE, Message

# The acts by the noun that stands in their address.
FORMS: dict[str, type[ActForm]] = {
    "replies": ReplyForm,
    "notes": NoteForm,
    "questions": QuestionForm,
    "assignment": AssignmentForm,
    "transfer": TransferForm,
    "suggestion": AcceptanceForm,
    "parking": ParkingForm,
    "resumption": ResumptionForm,
    "closure": ClosureForm,
    "reopening": ReopeningForm,
    "priority": PriorityForm,
    "category": CategoryForm,
    "contact": ContactForm,
    "redirection": RedirectionForm,
    "settlement": SettlementForm,
    "resend": ResendForm,
    "recall": RecallForm,
    **relation_forms.FORMS,
}
ON_MESSAGES = ("redirection", "settlement", "resend", "recall")


class Offered(Mapping[str, ActForm]):
    """The forms of the legal acts by noun, each made when it is first drawn: most are drawn from memory (`kept`)."""

    def __init__(self, kinds: Mapping[str, type[ActForm]], case: Case, desk: Desk, typed: ActForm | None) -> None:
        self.kinds, self._case, self._desk, self._typed = kinds, case, desk, typed
        self._made: dict[str, ActForm] = {}

    def __getitem__(self, noun: str) -> ActForm:
        if noun not in self._made:
            self._made[noun] = self._form(self.kinds[noun])
        return self._made[noun]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def __contains__(self, noun: object) -> bool:
        return noun in self.kinds

    def _form(self, kind: type[ActForm]) -> ActForm:
        """With the text where it was left. What just came back with errors is younger than its draft."""
        came_back = self._typed if type(self._typed) is kind else None
        form = came_back or kind(None, case=self._case, desk=self._desk)
        draft = self._desk.begun.own.get(SORT_OF.get(form.verb, ""))
        if draft is not None and isinstance(form, TextForm):
            if came_back is None:
                form.text.data = draft.text
            if form.text.data == draft.text:
                form.draft.data = draft.revision
        return form


@dataclass(frozen=True)
class CasePage:
    """`forms` holds the legal acts only, by noun; it is empty for who may only read. `handles` is about messages."""

    case: Case
    items: list[Item]
    forms: Offered
    typed: ActForm | None
    desk: Desk
    why: str
    near: Neighbours
    around: Mapping[str, str]
    channels: tuple[str, ...]
    handles: bool
    undoable: Entry | None
    drafts: Drafts
    now: datetime

    @property
    def sort(self) -> tuple[Hashable, ...]:
        """All that its acts' forms depend on, as long as none of them came back (see `kept` in mould.py): many cases
        are of the same sort.
        """
        case, desk = self.case, self.desk
        this = (case.department_code, case.category_code, case.priority, case.assignee_id, case.answered_at is None)
        beside = (desk.today, desk.decides, *desk.colleagues.items(), *desk.away.items())
        return (*self.forms, case.language, *this, *beside)

    def own(self, token: str) -> dict[str, object]:
        """What goes into the holes of each of its forms."""
        return {"csrf": token, "number": self.case.number, "version": self.case.version}

    @property
    def blank(self) -> bool:
        """Whether nothing is begun, and nobody but this resident is answered: the place to write is then of a sort."""
        return not (self.typed or self.drafts.own or self.drafts.others or self.near.merged)

    @property
    def composer(self) -> tuple[Hashable, ...]:
        """All that the place to write depends on while it is blank, besides who writes."""
        return (self.case.reply_by, self.case.made_known, self.channels, *self.sort)

    def composed(self, own: Mapping[str, object]) -> dict[str, object]:
        """What goes into its holes: also where each channel leads, and what makes sending each text twice one."""
        addresses = {f"address_{way}": delivery_words.address_of(self.case, way) for way in self.channels}
        marks = {f"submission_{noun}": self.mark for noun in ("replies", "notes", "questions")}
        return {**own, **self.around, **addresses, **marks}

    @property
    def mark(self) -> str:
        """Makes sending a form of the page twice (a double click) one act."""
        return uuid.uuid4().hex

    def correction(self, holes: Mapping[str, str]) -> ActForm:
        """The form for the contact details, empty but for holes; as typed when it came back."""
        form = self.forms["contact"]
        if form is not self.typed:
            for name in lifecycle.CONTACT:
                form[name].data = holes[name]
        return form

    @property
    def contact(self) -> dict[str, str]:
        """What goes into its holes."""
        return {name: getattr(self.case, name) or "" for name in lifecycle.CONTACT}

    @property
    def seconds_to_undo(self) -> int:
        """How long what was just sent can still be had back."""
        until = self.undoable.held_until if self.undoable else None
        return ceil((until - self.now).total_seconds()) if until else 0

    @property
    def adding(self) -> StepForm:
        """The line for one more step; as typed when it came back."""
        return self.typed if isinstance(self.typed, StepForm) else StepForm(None, case=self.case, desk=self.desk)

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the resident waits for us; None when nobody does."""
        return self.case.waiting_since

    @property
    def stray(self) -> list[Begun]:
        """The person's own drafts that the case has no place for as it stands."""
        offered = {SORT_OF[kind.verb] for kind in self.forms.kinds.values() if issubclass(kind, TextForm)}
        return [draft for sort, draft in self.drafts.own.items() if sort not in offered]

    @property
    def escalated(self) -> bool:
        """Whether the coordinator was warned and nobody has answered since, as the queue's `ESCALATED` says it."""
        case = self.case
        unanswered = case.status in ("new", "in_progress") and case.answered_at is None
        return unanswered and case.escalated_for == case.due_on

    @property
    def troubles(self) -> list[tuple[Item, str]]:
        """What was said and has not arrived, with what became of it: it stands first on the page."""
        return [
            (item, delivery_words.state(message).text)
            for item in self.items
            for message in item.messages
            if item.entry and message.status in TROUBLE and message.handled_at is None
        ]

    def recall(self, message: Message, target: int | None) -> ActForm:
        """The form to take one message back; as typed when it is the one that was sent."""
        if isinstance(self.typed, RecallForm) and message.id == target:
            form: ActForm = self.typed
        else:
            form = RecallForm(None, case=self.forms["contact"].case, desk=self.desk)
        form.mark(f"recall-{message.id}")
        return form

    def redirection(self, message: Message, target: int | None) -> ActForm:
        """The form to send one message another way; as typed when it is the one that was sent."""
        if isinstance(self.typed, RedirectionForm) and message.id == target:
            form: ActForm = self.typed
        else:
            form = RedirectionForm(None, case=self.forms["contact"].case, desk=self.desk)
        form.mark(f"redirect-{message.id}")
        return form


def build(
    case: Case,
    staff: Staff,
    desk: Desk,
    items: list[Item],
    near: Neighbours,
    *,
    language: str,
    offers: Collection[str],
    now: datetime,
    typed: ActForm | None = None,
) -> CasePage:
    """The page as this person sees it; `offers` are the nouns of the acts that this person may do on it.

    `items` are its conversation, `near` the cases around it; `typed` is a form that came back with errors and keeps its
    place.
    """
    entries = [item.entry for item in items if item.entry]
    return CasePage(
        case=case,
        items=items,
        forms=_offered(case, desk, typed, offers, merged=near.main is not None),
        typed=typed,
        desk=desk,
        why=why_here(case, language),
        near=near,
        around=around(case, staff),
        channels=announcements.reachable_by(case),
        handles="redirection" in offers,
        undoable=undoing.held(entries, staff, now) if "replies" in offers else None,
        drafts=desk.begun,
        now=now,
    )


def once_more(case: Case, staff: Staff, desk: Desk, entry_id: int) -> ActForm | None:
    """The form as it was before this person undid what it said: nothing that was typed is lost."""
    entry = undoing.own(case, entry_id, staff)
    noun = {"reply": "replies", "question": "questions"}[entry.sort] if entry else ""
    if entry is None or entry.retracted_at is None or FORMS[noun].verb not in lifecycle.legal(case):
        return None
    form = FORMS[noun](None, case=case, desk=desk)
    form["text"].data, form["channel"].data = entry.text, undoing.channel_of(entry)
    form["files"].data = attachments.of_entry(entry)
    return form


def since(case: Case, version: int, desk: Desk) -> list[Item]:
    """What has happened after the version that somebody had read."""
    return conversation(case, desk, since=version)


def not_possible(case: Case, error: Exception) -> str:
    """Why an act was refused, in words."""
    if isinstance(error, lifecycle.Illegal):
        return _("That is not possible while the case is “%(status)s”.", status=words.STATUS[case.status])
    return _("That is no longer possible: the message has moved on. See how it stands now.")


def _offered(case: Case, desk: Desk, typed: ActForm | None, offers: Collection[str], *, merged: bool) -> Offered:
    possible = lifecycle.legal(case) - ({"reopen", "take_in"} if merged else {"unmerge"})
    kinds = {noun: FORMS[noun] for noun in FORMS if noun in offers and noun not in ON_MESSAGES}
    return Offered({noun: kind for noun, kind in kinds.items() if kind.verb in possible}, case, desk, typed)


def around(case: Case, staff: Staff) -> dict[str, str]:
    """What stands before and after the text of a reply, in the case's language, as `announcements` puts it."""
    with force_locale(case.language):
        return {
            **announcements.around(case),
            "signature": staff.name,
            "department": case.department.name(case.language),
            "after_sms": announcements.after_sms(case),
        }
