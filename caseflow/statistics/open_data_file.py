"""The published figures as files: a CSV as others' programs read it, and its description (DCAT-AP-SE, in JSON)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.cases.files.spreadsheet import harmless
from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality import directory
from caseflow.statistics.open_data import OpenMonth
from caseflow.statistics.suppression import LEAST
from caseflow.workdays import add_months

COLUMNS = ("month", "department", "department_name", "kind", "kind_name", "received", "note")
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
EU = "http://publications.europa.eu/resource/authority"
ALL = "all"


@dataclass(frozen=True)
class Line:
    """One number: None when it is hidden. `department` and `kind` are "all" for totals."""

    month: str
    department: str
    department_name: str
    kind: str
    kind_name: str
    received: int | None


def lines(months: Sequence[OpenMonth], language: str) -> Iterator[Line]:
    departments = {one.code: one.name(language) for one in directory.departments()}
    kinds = {one.code: one.noun(language) for one in directory.kinds()}
    for month in months:
        for department, kind, number in month.cells:
            names = _named(departments, str(department)), _named(kinds, str(kind))
            received = number if isinstance(number, int) else None
            where, what = str(department) or ALL, str(kind) or ALL
            yield Line(f"{month.month:%Y-%m}", where, names[0], what, names[1], received)


def as_csv(found: Iterator[Line]) -> Iterator[str]:
    """RFC 4180 with commas, UTF-8 without BOM."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in found:
        note = "hidden" if line.received is None else ""
        names = (line.month, line.department, line.department_name, line.kind, line.kind_name)
        writer.writerow([*map(harmless, names), "" if line.received is None else line.received, note])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def description(months: Sequence[OpenMonth], *, page: str, file: str) -> dict[str, Any]:
    """What the data set is: the fields that dataportal.se asks for, and what each column means."""
    town = directory.known()
    first, last = (months[0].month, add_months(months[-1].month, 1) - timedelta(days=1)) if months else (None, None)
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dcterms": "http://purl.org/dc/terms/"},
        "@type": "dcat:Dataset",
        "dcterms:identifier": page,
        "dcterms:title": _in_all(lambda: _("Errands to the municipality by month, department and kind")),
        "dcterms:description": _in_all(about),
        "dcterms:publisher": {"foaf:name": town.name, "foaf:mbox": f"mailto:{town.email}"},
        "dcat:contactPoint": {"vcard:fn": town.name, "vcard:hasEmail": f"mailto:{town.email}"},
        "dcat:theme": f"{EU}/data-theme/GOVE",
        "dcat:keyword": {"sv": ["ärenden", "felanmälan", "synpunkter"], "en": ["errands", "fault reports", "feedback"]},
        "dcat:landingPage": page,
        "dcterms:accessRights": f"{EU}/access-right/PUBLIC",
        "dcterms:accrualPeriodicity": f"{EU}/frequency/MONTHLY",
        "dcterms:language": [f"{EU}/language/SWE"],
        "dcterms:temporal": {"startDate": first and first.isoformat(), "endDate": last and last.isoformat()},
        "dcterms:modified": max((month.made_at for month in months), default=None),
        "dcat:distribution": [
            {
                "dcat:accessURL": page,
                "dcat:downloadURL": file,
                "dcat:mediaType": "text/csv",
                "dcterms:format": f"{EU}/file-type/CSV",
                "dcterms:license": LICENCE,
            }
        ],
        "columns": _columns(),
        "disclosure": {"least": LEAST, "hidden": "received is empty and note is hidden"},
    }


def about() -> str:
    """What the figures are, and what is left out."""
    return _(
        "How many errands came in, on the day they came and in the department where they first lay. Numbers from 1 to"
        " %(most)d are hidden, and as many others beside them as it takes that nobody can reckon them out. Departments"
        " with secrecy are left out. A month is counted once, when it is over, and is not changed afterwards.",
        most=LEAST - 1,
    )


def _columns() -> list[Mapping[str, object]]:
    said = {
        "month": _("The month in which the errands came in, as year and month."),
        "department": _("The department's code; all: every department but those with secrecy."),
        "department_name": _("The department's name."),
        "kind": _("The code of what the resident wanted; all: every kind."),
        "kind_name": _("What the resident wanted."),
        "received": _("How many errands came in. Empty where the number is hidden."),
        "note": _("hidden where the number is hidden, else empty."),
    }
    kinds = {"month": "gYearMonth", "received": "integer"}
    return [
        {"name": name, "datatype": kinds.get(name, "string"), "description": said[name], "unit": unit}
        for name, unit in ((name, "cases" if name == "received" else None) for name in COLUMNS)
    ]


def _in_all(say: Any) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with force_locale(language):
            found[language] = str(say())
    return found


def _named(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code) if code else _("All")
