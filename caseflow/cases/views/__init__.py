"""The staff screens: a view loads within the scope, checks, validates, calls a verb, redirects."""

from __future__ import annotations

from caseflow.cases.views import calls, case, letters, queue, registration

# Gathered here, because in `caseflow.cases` these names mean the rules and not the screens.
SCREENS = (queue, case, registration, calls, letters)
