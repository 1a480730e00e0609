"""The staff screens: a view loads within the scope, checks, validates, calls a verb, redirects."""

from __future__ import annotations

from caseflow.cases.views import (
    absence,
    calls,
    case,
    deliveries,
    digest,
    drafts,
    exports,
    held_filings,
    letters,
    macros,
    mentions,
    pace,
    queue,
    receipts,
    registration,
    returns,
    saved_views,
    selection,
    staff_mails,
    standard_texts,
    templates,
)

# Gathered here, because in `caseflow.cases` these names mean the rules and not the screens.
SCREENS = (
    queue,
    pace,
    case,
    absence,
    digest,
    drafts,
    exports,
    registration,
    calls,
    letters,
    mentions,
    deliveries,
    held_filings,
    receipts,
    returns,
    selection,
    staff_mails,
    templates,
    macros,
    saved_views,
    standard_texts,
)
