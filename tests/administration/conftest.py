"""An administrator at the browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.language import COOKIE

HOME = "/staff/administration"
FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:(.*?)</\1>)?", re.DOTALL)


def attribute(attributes: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return html.unescape(found[1]) if found else ""


def filled(page: str) -> dict[str, object]:
    """What a browser would send of the first form in the page's main part, untouched."""
    form = page[page.index('<main id="main"') :].split("<form", 1)[1].split("</form>", 1)[0]
    data: dict[str, object] = {}
    for sort, attributes, inner in FIELD.findall(form):
        name, kind = attribute(attributes, "name"), attribute(attributes, "type")
        if not name or kind == "file" or (kind in ("checkbox", "radio") and " checked" not in attributes):
            continue
        if sort == "select":
            chosen = re.search(r"<option[^>]*\bselected\b[^>]*>", inner) or re.search(r"<option[^>]*>", inner)
            data[name] = attribute(chosen[0], "value") if chosen else ""
        elif kind == "checkbox" and attribute(attributes, "value") != "y":
            data[name] = [*data.get(name, []), attribute(attributes, "value")]  # type: ignore[misc]
        else:
            data[name] = html.unescape(inner).strip() if sort == "textarea" else attribute(attributes, "value")
    return data


class Administrator:
    """Opens pages and sends their forms as they stand, but for what is said to be typed; a field typed None is left
    out, as a box that is not ticked."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        client.set_cookie(COOKIE, "en")

    def read(self, path: str) -> str:
        answer = self.client.get(HOME + path)
        assert answer.status_code == 200, path
        return html.unescape(answer.get_data(as_text=True))

    def open(self, path: str) -> dict[str, object]:
        return filled(self.client.get(HOME + path).get_data(as_text=True))

    def send(self, path: str, form: dict[str, object], **typed: object) -> TestResponse:
        names = {name.replace("__", "-"): value for name, value in typed.items()}
        data = {name: value for name, value in {**form, **names}.items() if value is not None}
        return self.client.post(HOME + path, data=data)

    def change(self, path: str, **typed: object) -> TestResponse:
        return self.send(path, self.open(path), **typed)

    def press(self, path: str, page: str, **data: object) -> TestResponse:
        """A button of a form of its own, with the token of a page."""
        token = self.open(page)["csrf_token"]
        return self.client.post(HOME + path, data={"csrf_token": token, **data})


@pytest.fixture
def ada(hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient]) -> Administrator:
    return Administrator(sign_in(hire("Ada Admin", "administrator")))


@pytest.fixture
def bo(hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient]) -> Administrator:
    return Administrator(sign_in(hire("Bo Admin", "administrator")))


def said(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))
