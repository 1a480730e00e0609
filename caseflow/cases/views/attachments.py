"""The files of a case, handed out so that a browser runs nothing in them."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, current_app, request, send_file

from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.files import attachments
from caseflow.messages import previews
from caseflow.messages.models import Attachment

blueprint = Blueprint("attachments", __name__, url_prefix="/cases/<number>/attachments")


@blueprint.get("/<int:attachment_id>")
@requires(May.SEE_CASES)
def download(number: str, attachment_id: int) -> Response:
    return handed_out(attachments.find(signed_in(), number, attachment_id) or abort(404))


@blueprint.get("/<int:attachment_id>/<any(small, large):size>")
@requires(May.SEE_CASES)
def preview(number: str, attachment_id: int, size: str) -> Response:
    """A picture of it, drawn anew. The browser may keep it, and asks each time whether the person may still see it."""
    row = attachments.find(signed_in(), number, attachment_id) or abort(404)
    tag = f"{row.sha256}-{size}"
    response = Response(status=304) if tag in request.if_none_match else _drawn(row, size)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    return response


def _drawn(row: Attachment, size: str) -> Response:
    try:
        drawn = previews.of(row, size, current_app.config)
    except FileNotFoundError:
        abort(404)
    return Response(drawn, mimetype="image/jpeg") if drawn else Response(status=204)


def handed_out(row: Attachment) -> Response:
    """As a download under its name, never shown in our pages' origin; 404 when the content is gone."""
    try:
        content = attachments.read(row, current_app.config)
    except FileNotFoundError:
        abort(404)
    response = send_file(BytesIO(content), mimetype=row.media_type, as_attachment=True, download_name=row.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
