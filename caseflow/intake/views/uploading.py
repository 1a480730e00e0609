"""One file taken in while the rest of a form is still being filled in: for browsers with JavaScript.

The form may stand in a frame without cookies, so its page's stamp says that it comes from a page of ours.
"""

from __future__ import annotations

from flask import Response, render_template, request
from flask.blueprints import BlueprintSetupState
from wtforms import Form

from caseflow import limiting
from caseflow.accounts.permissions import public
from caseflow.cases.files.resident_files import ResidentFilesField
from caseflow.intake import stamps
from caseflow.intake.views.door import blueprint, filled_in, speaking_as_asked


class OneFile(Form):
    files = ResidentFilesField()


@blueprint.post("/uploads")
@public
@limiting.at_most("300/hour")
def uploads() -> Response | str | tuple[str, int]:
    """The file as a row of the form that it belongs to, or in plain words why it is refused."""
    if stamps.made_at(request.form.get("stamp")) is None:
        return render_template("error.html", code="csrf"), 400
    with speaking_as_asked():
        form = OneFile(filled_in())
        if not form.validate():
            return Response(str(form.files.errors[0]), 422, mimetype="text/plain")
        return render_template("intake/_upload.html", files=form.files)


@blueprint.record_once
def _ask_for_no_cookie(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt("caseflow.intake.views.uploading.uploads")
