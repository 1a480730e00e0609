"""Whatever anybody writes in whichever field, the answer is a page and never a crash."""

from __future__ import annotations

from urllib.parse import quote

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.conftest import CONTACT, ERRAND, token_in

FIELDS = (
    "kind",
    "department",
    "category",
    "description",
    "reply_by",
    "name",
    "email",
    "phone",
    "best_time",
    "care_of",
    "street",
    "postcode",
    "town",
    "submission",
    "language",
)
SOME = (
    st.text(max_size=60) | st.from_regex(r"[0-9+() /@.<>c-]{0,20}") | st.sampled_from(["\x00", "\ufeff", "İ", "ß" * 99])
)
patient = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@patient
@given(reply_by=st.sampled_from(sorted(CONTACT)), odd=st.dictionaries(st.sampled_from(FIELDS), SOME, max_size=4))
def test_any_text_in_any_field_is_answered(resident: FlaskClient, reply_by: str, odd: dict[str, str]) -> None:
    token = token_in(resident.get("/new"))
    form = {**ERRAND, **CONTACT[reply_by], "reply_by": reply_by, **odd, "csrf_token": token}
    page = resident.post("/new", data=form, follow_redirects=True)
    assert page.status_code in (200, 422)


@patient
@given(number=SOME, code=SOME)
def test_any_number_and_code_are_answered(resident: FlaskClient, number: str, code: str) -> None:
    form = {"number": number, "code": code, "csrf_token": token_in(resident.get("/case/"))}
    assert resident.post("/case/", data=form).status_code == 422


@patient
@given(code=st.text(min_size=1, max_size=40).filter(lambda code: code.strip("./\\ ") and "/" not in code))
def test_any_code_in_an_address_is_answered(resident: FlaskClient, code: str) -> None:
    for path in (f"/case/{quote(code)}", f"/case/{quote(code)}/receipt"):
        assert resident.get(path).status_code in (404, 308)
