"""What is drawn once for many holds nothing that is one's own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_two_people_and_two_cases_of_a_sort_keep_their_own(
    sign_in: Callable[[Staff], FlaskClient], resident_case: Callable[..., Case], clerk: Staff
) -> None:
    cases = [resident_case(email=f"{name}@example.org", name=name) for name in ("rut", "nils")]
    one, other = sign_in(clerk), sign_in(clerk)
    pages = {
        (client, case): client.get(f"/staff/cases/{case.number}").text for client in (one, other) for case in cases
    }
    tokens = {
        client: {token for case in cases for token in TOKEN.findall(pages[client, case])} for client in (one, other)
    }
    assert tokens[one].isdisjoint(tokens[other])
    for (_client, case), page in pages.items():
        another = next(one for one in cases if one is not case)
        assert f'action="/staff/cases/{case.number}/transfer"' in page and f'value="{case.email}"' in page
        assert f"/cases/{another.number}/" not in page and str(another.email) not in page
    first, second = one.get("/new").text, one.get("/new").text
    marks = [re.findall(r'name="(?:submission|stamp)"[^>]* value="([^"]+)"', page) for page in (first, second)]
    assert len(marks[0]) == 2 and not set(marks[0]) & set(marks[1])
    assert set(TOKEN.findall(first)).isdisjoint(TOKEN.findall(other.get("/new").text))


def test_a_part_that_is_kept_takes_no_token_but_by_a_hole_and_escapes_what_goes_in(app: Flask) -> None:
    page = "{% call(it) kept('a part', csrf=csrf_token(), said='<b>') %}[{{ TOKEN }}|{{ it.said }}|100 %]{% endcall %}"
    with app.test_request_context():
        assert "|&lt;b&gt;|100 %]" in render_template_string(page.replace("TOKEN", "it.csrf"))
    with app.test_request_context(), pytest.raises(RuntimeError, match="token"):
        render_template_string(page.replace("a part", "another").replace("TOKEN", "csrf_token()"))
