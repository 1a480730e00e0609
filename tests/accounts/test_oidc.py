"""Signing in at a real OpenID Connect provider on loopback, and what its groups mean here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from oidc_provider_mock import run_server_in_thread

from caseflow import clock
from caseflow.accounts import throttle
from caseflow.accounts.models import Membership, Staff, StaffSession
from caseflow.audit import Event
from caseflow.cases.models import Case, Department
from caseflow.database import db, unit_of_work
from caseflow.identity_provider import Provider, Rights
from caseflow.language import COOKIE
from caseflow.processes import wait_until
from tests.cast import PASSWORD

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")  # of the provider
Hire = Callable[..., Staff]
WithToken = Callable[..., dict[str, object]]
GROUPS = {
    "admins": Rights("administrator", {}),
    "streets": Rights("caseworker", {"sb": "handle", "gone": "lead"}),
    "readers": Rights("caseworker", {"sb": "read", "kf": "read"}),
}


@pytest.fixture(scope="module")
def directory() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(app: Flask, directory: str) -> Iterator[Provider]:
    app.config["OIDC"] = Provider(directory, "caseflow", "not-much-of-a-secret", name="Kommun-ID", groups=GROUPS)
    yield app.config["OIDC"]
    app.config["OIDC"] = None


class Person:
    """Somebody at the provider, with a browser of their own."""

    def __init__(self, app: Flask, subject: str) -> None:
        self.app, self.subject, self.client = app, subject, app.test_client()
        self.client.set_cookie(COOKIE, "en")

    def is_told_of(self, **claims: object) -> Person:
        told = {"email": f"{self.subject}@example.org", "email_verified": True, "name": "Kim Berg", **claims}
        requests.put(f"{self.app.config['OIDC'].issuer}/users/{self.subject}", json=told, timeout=5).raise_for_status()
        return self

    def leaves(self, **asked: str) -> str:
        return self.client.get("/login/oidc", query_string=asked).location

    def comes_back(self, there: str, **form: str) -> str:
        """The path and query that the provider sends the browser to."""
        answer = requests.post(there, data={"sub": self.subject, **form}, allow_redirects=False, timeout=5)
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def enters(self, **asked: str) -> str:
        """Where one ends up: a page of staff, or what the page of signing in says."""
        return self.arrives(self.comes_back(self.leaves(**asked)))

    def arrives(self, at: str) -> str:
        answer = self.client.get(at)
        if answer.location != "/login":
            return str(answer.location)
        return self.client.get("/login").get_data(as_text=True)

    def is_in(self) -> bool:
        return self.client.get("/staff/account").status_code == 200


@pytest.fixture
def person(app: Flask, provider: Provider) -> Callable[[str], Person]:
    return lambda subject: Person(app, subject)


def rights_of(email: str) -> tuple[str, dict[str, str]]:
    db.session.expire_all()
    staff = db.session.scalars(sa.select(Staff).where(Staff.email == email)).one()
    rows = db.session.execute(
        sa.select(Membership.department_code, Membership.level).where(Membership.staff_id == staff.id)
    )
    return staff.role, dict(rows.tuples().all())


def verbs(staff_id: int) -> list[str]:
    mine = sa.select(Event.verb).where(Event.subject == "staff", Event.subject_id == staff_id)
    return list(db.session.scalars(mine.order_by(Event.id)))


def test_groups_make_an_account_and_each_sign_in_changes_its_rights(
    person: Callable[[str], Person], provider: Provider, hire: Hire, resident_case: Callable[..., Case]
) -> None:
    hire("Ada Min", "administrator")
    kim = person("kim").is_told_of(groups=["streets", "readers", "unheard-of"])
    there = kim.leaves(next="/staff/queue?view=mine")
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"]
    assert asked["redirect_uri"] == ["http://localhost/login/oidc/callback"]
    assert kim.arrives(kim.comes_back(there)) == "/staff/queue?view=mine" and kim.is_in()
    assert rights_of("kim@example.org") == ("caseworker", {"sb": "handle", "kf": "read"})
    staff = db.session.scalars(sa.select(Staff).where(Staff.email == "kim@example.org")).one()
    assert verbs(staff.id) == ["account_opened", "linked_to_directory", "sign_in"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1

    number = resident_case().number
    with unit_of_work() as session:
        session.execute(sa.update(Case).values(assignee_id=staff.id, status="in_progress"))
    # Another address there, the same subject: the same person. A case that may not be handled any more goes back.
    kim.is_told_of(email="kim.new@example.org", groups=["readers"])
    assert kim.enters() == "/staff/"
    assert rights_of("kim@example.org") == ("caseworker", {"sb": "read", "kf": "read"})
    assert verbs(staff.id)[3:] == ["account_changed", "sign_in"]
    assert db.session.scalar(sa.select(Case.assignee_id).where(Case.number == number)) is None

    kim.is_told_of(groups=["unheard-of"])
    assert "None of your groups at Kommun-ID may work here" in Person(kim.app, "kim").enters()
    assert rights_of("kim@example.org") == ("caseworker", {}) and not kim.is_in()
    assert verbs(staff.id)[5:] == ["account_changed", "sign_in_failed"]


def test_an_account_that_was_made_for_a_verified_address_is_found_once_and_loses_its_password(
    person: Callable[[str], Person], hire: Hire, clerk: Staff, client: FlaskClient, with_token: WithToken
) -> None:
    hire("Ada Min", "administrator")
    # Neither an address that nobody vouches for nor a person without a group touches the account.
    karin = person("karin").is_told_of(email=clerk.email, email_verified=False, groups=["streets"])
    assert "does not vouch" in karin.enters()
    assert "None of your groups" in karin.is_told_of(email=clerk.email).enters()
    assert rights_of(clerk.email) == ("caseworker", {"sb": "handle"}) and "linked_to_directory" not in verbs(clerk.id)
    assert karin.is_told_of(email="Karin.Ek@Example.org", groups=["streets"]).enters() == "/staff/"
    client.post("/login", data=with_token(client, {"email": clerk.email, "password": PASSWORD}))
    assert client.get("/staff/account").status_code == 302
    assert "You sign in with Kommun-ID" in karin.client.get("/staff/account").get_data(as_text=True)
    # The address comes to be somebody else's: that is another person, and not this account.
    other = person("other").is_told_of(email=clerk.email, groups=["streets"])
    assert "another account has it" in other.enters()


def test_two_first_sign_ins_at_once_make_one_account(person: Callable[[str], Person], hire: Hire) -> None:
    browsers = [person("kim").is_told_of(groups=["streets"]), person("kim")]
    ways = [browser.comes_back(browser.leaves()) for browser in browsers]
    with ThreadPoolExecutor(2) as pool:
        # Neither can write before both have looked and found nobody.
        db.session.execute(sa.text("LOCK TABLE staff IN SHARE MODE"))
        both = [pool.submit(browser.arrives, way) for browser, way in zip(browsers, ways, strict=True)]
        wait_until(lambda: db.session.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")) == 2, 20)
        db.session.rollback()
        assert [one.result(20) for one in both] == ["/staff/", "/staff/"]
    staff = db.session.scalars(sa.select(Staff).where(Staff.email == "kim@example.org")).one()
    assert verbs(staff.id) == ["account_opened", "linked_to_directory", "sign_in", "sign_in"]
    assert all(browser.is_in() for browser in browsers)


def test_who_leaves_for_the_provider_again_and_again_waits_and_who_comes_back_does_not(
    person: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.FREE, "outside", 3)
    kim = person("kim").is_told_of(groups=["streets"])
    for _time in range(3):
        assert kim.enters() == "/staff/"
    for _time in range(3):
        assert "/oauth2/authorize?" in kim.leaves()
    assert kim.leaves() == "/login"
    assert "Try again in 1 minute." in person("kim").arrives("/login/oidc")  # another browser at the same address
    with time_machine.travel(clock.now() + timedelta(minutes=1, seconds=1), tick=False):
        assert "/oauth2/authorize?" in kim.leaves()


def test_closed_and_demonstration_accounts_stay_outside(
    person: Callable[[str], Person], hire: Hire, clerk: Staff
) -> None:
    demo = hire("Demo Lind", "caseworker", "sb")
    with unit_of_work() as session:
        session.execute(sa.update(Staff).where(Staff.id == clerk.id).values(active=False))
        session.execute(sa.update(Staff).where(Staff.id == demo.id).values(demo=True))
    assert "closed" in person("karin").is_told_of(email=clerk.email, groups=["streets"]).enters()
    assert "another account has it" in person("demo").is_told_of(email=demo.email, groups=["streets"]).enters()


def test_the_last_administrator_keeps_the_role_and_the_journal_says_so(
    person: Callable[[str], Person], hire: Hire
) -> None:
    ada = hire("Ada Min", "administrator")
    her = person("ada").is_told_of(email=ada.email, groups=["admins"])
    assert her.enters() == "/staff/"
    her.is_told_of(email=ada.email, groups=["streets"])
    assert her.enters() == "/staff/"
    assert rights_of(ada.email) == ("administrator", {"sb": "handle"})
    assert "last_administrator_kept" in verbs(ada.id)
    hire("Bo Min", "administrator")
    her.enters()
    assert rights_of(ada.email)[0] == "caseworker"


def test_what_comes_back_wrong_is_told_in_words_and_lets_nobody_in(
    app: Flask, person: Callable[[str], Person], provider: Provider, hire: Hire
) -> None:
    kim = person("kim").is_told_of(groups=["streets"])
    assert "You did not sign in at Kommun-ID" in kim.arrives(kim.comes_back(kim.leaves(), action="deny"))
    back = kim.comes_back(kim.leaves())
    thief = person("thief")
    assert "did not succeed" in thief.arrives(back)  # another browser's state
    kim.leaves()
    assert "did not succeed" in kim.arrives(back)  # an older try's
    there = kim.leaves()
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]
    assert "did not succeed" in kim.arrives(kim.comes_back(there.replace(nonce, "another-nonce")))
    assert "did not succeed" in kim.arrives("/login/oidc/callback?code=x&state=y")
    app.config["OIDC"] = replace(provider, issuer=provider.issuer + "/")  # says that it is somebody else
    assert "did not succeed" in kim.enters()
    app.config["OIDC"] = replace(provider, issuer="http://127.0.0.1:9")
    assert "does not answer just now" in kim.arrives("/login/oidc")
    app.config["OIDC"] = provider
    assert not kim.is_in() and not thief.is_in()
    for foreign in ("//evil.example/staff", "/staff\\@evil.example"):
        assert kim.enters(next=foreign) == "/staff/"
    kim.is_told_of(groups=["readers"], _claim_names={"groups": "src1"})
    told = Person(app, "kim").enters()
    assert "did not say which groups" in told and rights_of("kim@example.org")[1] == {"sb": "handle"}


def test_a_second_step_is_the_providers_business_unless_the_installation_asks(
    app: Flask, person: Callable[[str], Person], provider: Provider
) -> None:
    kim = person("kim").is_told_of(groups=["streets"])
    app.config["SECOND_FACTOR_ROLES"] = ("caseworker",)
    try:
        app.config["OIDC"] = replace(provider, asks_mfa=True)
        assert "needs a second step" in kim.enters()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Staff)) == 0
        assert kim.is_told_of(groups=["streets"], amr=["pwd", "mfa"]).enters() == "/staff/"
        app.config["OIDC"] = provider
        assert kim.is_told_of(groups=["streets"]).enters() == "/staff/"
        assert kim.client.get("/staff/queue").status_code == 200
    finally:
        app.config["SECOND_FACTOR_ROLES"] = ()


def test_a_secret_department_opens_only_by_its_own_name(
    app: Flask, person: Callable[[str], Person], provider: Provider
) -> None:
    with unit_of_work() as session:
        session.execute(sa.update(Department).where(Department.code == "kf").values(secret=True))
    groups = {"streets": Rights("caseworker", {"sb": "handle", "all": "handle"}), "secret": GROUPS["readers"]}
    app.config["OIDC"] = replace(provider, groups=groups)
    kim = person("kim").is_told_of(groups=["streets"])
    kim.enters()
    assert rights_of("kim@example.org")[1] == {"sb": "handle"}
    kim.is_told_of(groups=["streets", "secret"]).enters()
    assert rights_of("kim@example.org")[1] == {"sb": "handle", "kf": "read"}


def test_without_groups_in_the_settings_accounts_are_managed_here(
    app: Flask, person: Callable[[str], Person], provider: Provider, clerk: Staff
) -> None:
    app.config["OIDC"] = replace(provider, groups={})
    assert "There is no account for you here" in person("kim").is_told_of().enters()
    assert person("karin").is_told_of(email=clerk.email, groups=["admins"]).enters() == "/staff/"
    assert rights_of(clerk.email) == ("caseworker", {"sb": "handle"})


def test_the_button_is_there_only_with_a_provider(app: Flask, client: FlaskClient, provider: Provider) -> None:
    client.set_cookie(COOKIE, "sv")
    page = client.get("/login?next=/staff/queue").get_data(as_text=True)
    assert 'href="/login/oidc?next=/staff/queue">Logga in med Kommun-ID</a>' in page
    assert client.get("/login/oidc/sign-out").location.startswith(f"{provider.issuer}/oauth2/end_session?")
    app.config["OIDC"] = None
    assert "Kommun-ID" not in client.get("/login").get_data(as_text=True)
    assert [client.get(f"/login/oidc{path}").status_code for path in ("", "/callback", "/sign-out")] == [404] * 3
