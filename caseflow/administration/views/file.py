"""The whole configuration as a file: taken along, or read in once its differences have been seen."""

from __future__ import annotations

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow import clock, files
from caseflow.accounts.permissions import May, requires
from caseflow.administration import difference
from caseflow.administration.naming import title
from caseflow.administration.views.parts import Answer
from caseflow.administration.views.room import actor, blueprint, seen
from caseflow.cases.municipality import changing, configuration, exporting, places
from caseflow.database import unit_of_work


@blueprint.get("/file")
@requires(May.ADMINISTER)
def file() -> str:
    return render_template("administration/file.html", problem="")


@blueprint.get("/file.yaml")
@requires(May.ADMINISTER)
def export() -> Response:
    document = exporting.document()
    response = Response(exporting.as_yaml(document), mimetype="application/yaml")
    name = f"municipality-{document['municipality']['code']}-{clock.today()}.yaml".encode("ascii", "ignore").decode()
    response.headers["Content-Disposition"] = f'attachment; filename="{name.translate(_UNQUOTED)}"'
    return response


@blueprint.post("/file/differences")
@requires(May.ADMINISTER)
def compare() -> Answer:
    """What the chosen file would change; nothing is changed yet."""
    given = request.files.get("file")
    content = given.read() if given else b""
    try:
        found = changing.would_change(configuration.parse(content))
    except changing.Refused as error:
        return _refused(error)
    document = exporting.document()
    known = difference.names(document)
    return render_template(
        "administration/differences.html",
        parts=[(title(one.place, known), difference.lines(one.before, one.after, known)) for one in found],
        sha256=files.keep(content, current_app.config) if found else "",
        seen=places.fingerprint(document),
    )


@blueprint.post("/file")
@requires(May.ADMINISTER)
def read_in() -> Answer:
    """Apply a file whose differences have been seen; not if anything has changed since."""
    try:
        content = files.read(_sha256(), current_app.config)
        with unit_of_work():
            found = changing.apply(configuration.parse(content), by=actor(), now=clock.now(), seen=seen())
    except (FileNotFoundError, changing.Changed):
        return _problem(_("Something has changed since you looked at the differences. Choose the file again.")), 409
    except changing.Refused as error:
        return _refused(error)
    flash(ngettext("%(num)d part is changed.", "%(num)d parts are changed.", len(found)), "success")
    return redirect(url_for("administration.history_page"), 303)


def _sha256() -> str:
    """Of the file whose differences were seen; FileNotFoundError when the form names none."""
    named = request.form.get("sha256", "")
    if not files.SHA256.fullmatch(named):
        raise FileNotFoundError(named)
    return named


_UNQUOTED = str.maketrans("", "", '"\\\r\n')


def _refused(error: Exception) -> tuple[str, int]:
    return _problem(_("The file cannot be used: %(why)s", why=error)), 422


def _problem(problem: str) -> str:
    return render_template("administration/file.html", problem=problem)
