"""The page on which an act on many cases is filled in, and what would be said is looked through before it goes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict

from caseflow import language
from caseflow.accounts.permissions import signed_in
from caseflow.cases.models import OPEN
from caseflow.cases.screen import desk
from caseflow.cases.texts import macro_words, shelf
from caseflow.cases.texts.macros import Macro
from caseflow.cases.texts.standard_texts import StandardText
from caseflow.cases.triage import bulk, bulk_forms, bulk_texts, queue_choices
from caseflow.cases.triage.bulk import Pick
from caseflow.cases.views.acting import chosen_filter, today
from caseflow.cases.watch import absence

MACROS_SHOWN = 100


@dataclass(frozen=True)
class Page:
    """What was picked, of which `rows` are in reach, and the form of the act."""

    noun: str
    picked: Sequence[Pick]
    rows: Sequence[sa.Row[Any]]
    form: bulk_forms.Manifold

    @classmethod
    def of(cls, noun: str, picked: Sequence[Pick], *, empty: bool = False) -> Page:
        rows = bulk.rows(signed_in(), picked[: bulk.MOST])
        return cls(noun, picked, rows, bulk_forms.FORMS[noun](None if empty else request.form, _offer(noun, rows)))

    @property
    def answerable(self) -> list[sa.Row[Any]]:
        return [row for row in self.rows if row.status in (*OPEN, "answered")]

    @property
    def tongues(self) -> Counter[str]:
        return Counter(row.language for row in self.answerable)

    @property
    def tongue(self) -> str:
        """The language of most: the text for all is in it."""
        return next((tongue for tongue, _count in self.tongues.most_common(1)), language.current())

    @property
    def speaks(self) -> bool:
        """Whether residents read something of it, which is looked through first."""
        return self.noun == "replies" or (isinstance(self.form, bulk_forms.Macros) and self.form.speaks)

    def with_standard_text(self) -> Page:
        """The same page with the chosen standard text after what is typed."""
        chosen = request.form.get("standard", "")
        text = shelf.find(StandardText, signed_in(), int(chosen)) if chosen in self.form.offered.texts else None
        if text is None:
            return self
        fields = request.form.to_dict()
        fields |= bulk_texts.inserted(fields, text, self.tongue)
        fields |= {"used": f"{fields.get('used', '')} {text.id}".strip(), "standard": ""}
        return replace(self, form=bulk_forms.FORMS[self.noun](MultiDict(fields), self.form.offered))

    def drawn(self, *, sure: bool = False) -> str:
        return render_template(
            "cases/selection.html",
            noun=self.noun,
            rows=self.rows,
            form=self.form,
            sure=sure,
            picked=self.picked[: bulk.MOST],
            cut=len(self.picked) > bulk.MOST,
            most=bulk.MOST,
            batch=request.form.get("batch") or uuid.uuid4().hex,
            ways=Counter(row.reply_by for row in self.answerable),
            tongue=self.tongue,
            tongues=self.tongues,
            unanswerable=[row for row in self.rows if row not in self.answerable],
            written=self._written() if sure else [],
            departments=desk.department_names(language.current()),
            does=self._does(),
            back=url_for("queue.page", **chosen_filter().asked()),
        )

    def _written(self) -> list[bulk_texts.Written]:
        macro = self.form.chosen if isinstance(self.form, bulk_forms.Macros) else None
        numbers = [row.number for row in self.answerable]
        return bulk_texts.preview(signed_in(), numbers, self.form.typed, macro, today=today())

    def _does(self) -> dict[str, str]:
        """What each macro does, in a line."""
        if self.noun != "macros":
            return {}
        names = macro_words.names(language.current())
        return {key: " · ".join(macro_words.sentences(macro, names)) for key, macro in self.form.offered.macros.items()}


def _offer(noun: str, rows: Sequence[sa.Row[Any]]) -> bulk_forms.Offer:
    staff, told, day = signed_in(), language.current(), today()
    places = {row.department_code for row in rows}
    return bulk_forms.Offer(
        choices=queue_choices.within_reach(staff, told),
        departments=desk.department_names(told),
        today=day,
        away=absence.away(day) if noun == "assignment" else {},
        texts={str(one.id): one.title(told) for one in bulk_texts.fitting(staff, places)} if noun == "replies" else {},
        macros={str(one.id): one for one in _macros(places)} if noun == "macros" else {},
    )


def _macros(places: set[str]) -> list[Macro]:
    """Those for all, and those of the departments of the picked cases."""
    found = [one for one in shelf.all_of(Macro, signed_in()) if one.department_code in {None, *places}]
    return found[:MACROS_SHOWN]
