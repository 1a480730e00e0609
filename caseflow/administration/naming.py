"""What the parts of the configuration are called on pages."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.administration import difference, sheets

PLACES = {
    "rules": _l("Routing rules"),
    "redirects": _l("What is not the municipality’s"),
    "texts": _l("Mail texts"),
    "watch": _l("Reminders and absence"),
    "accessibility": _l("Accessibility statement"),
}


def title(place: str, known: difference.Names) -> str:
    """ "Department: Samhällsbyggnad"."""
    what, _slash, code = place.partition("/")
    if what in PLACES:
        return str(PLACES[what])
    if what in sheets.MUNICIPAL:
        return str(sheets.MUNICIPAL[what]().title)
    if place == "order/kinds":
        return _("Order of what residents want")
    if place == "order/departments":
        return _("Order of the departments")
    name = known.get(code, code)
    return {
        "order": _("Order of the categories of %(name)s", name=name),
        "kinds": _("What residents want: %(name)s", name=name),
        "departments": _("Department: %(name)s", name=name),
        "categories": _("Category: %(name)s", name=name),
        "standard_texts": _("Standard text: %(name)s", name=known.get(place, code)),
        "macros": _("Macro: %(name)s", name=known.get(place, code)),
    }.get(what, place)
