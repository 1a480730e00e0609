"""One page's form over a part of the municipality's file."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from caseflow.administration.rows.base import Part, Row


@dataclass(frozen=True)
class Sheet:
    """One page's form. `lead` says what it is for, `preview` which preview stands beside it."""

    title: str
    rows: tuple[Row, ...]
    lead: str = ""
    preview: str = ""
    # Its preview shows what is typed even where that could not be saved, to show why.
    frank: bool = False
    # What goes without saying in the file and is shown on the page.
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def form(self, typed: MultiDict[str, str] | None, part: Part) -> BaseForm:
        """The form over a part of the file, with what was typed where something was."""
        fields = {name: made for row in self.rows for name, made in row.fields().items()}
        form = BaseForm(fields)
        whole = {**part, **{name: {**given, **part.get(name, {})} for name, given in self.defaults.items()}}
        shown = {name: value for row in self.rows for name, value in row.data(whole).items()}
        form.process(typed, data=shown)
        return form

    def part(self, form: BaseForm, part: Part) -> Part:
        """The part as the form would have it; what the form does not show stays."""
        new = copy.deepcopy(part)
        for row in self.rows:
            row.take(form, new)
        for name, usual in self.defaults.items():
            before, said = part.get(name, {}), new.pop(name, {})
            said |= {key: value for key, value in before.items() if key not in said and value == usual.get(key)}
            if kept := {key: value for key, value in said.items() if key in before or value != usual.get(key)}:
                new[name] = kept
        return new
