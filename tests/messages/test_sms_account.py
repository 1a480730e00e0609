"""SMS_URL: what it says, and that a wrong one is refused without quoting the password."""

from __future__ import annotations

import pytest

from caseflow.messages.sms.account import Account
from caseflow.messages.sms.numbers import textable

pytestmark = pytest.mark.no_app
SECRET = "hush5678"


def test_the_address_holds_the_account_and_the_sender() -> None:
    account = Account.of(f"46elks://u12:{SECRET}%2F%C3%A5@api.46elks.com?from=Finspang")
    assert (account.host, account.port, account.tls) == ("api.46elks.com", 443, True)
    assert (account.user, account.password, account.sender) == ("u12", f"{SECRET}/å", "Finspang")
    assert account.ca is None


def test_a_server_on_this_machine_may_go_without_tls() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        account = Account.of(f"46elks+http://u:p@{host}:8146?from=Kommun1&ca=/etc/x.pem")
        assert (account.host, account.port, account.tls) == (host.strip("[]"), 8146, False)
        assert account.ca == "/etc/x.pem"


@pytest.mark.parametrize("sender", ["abc", "Finspang123", "A1b", "+46701740605", "%2B46701740605"])
def test_a_sender_is_a_short_name_or_a_number(sender: str) -> None:
    assert Account.of(f"46elks://u:p@h?from={sender}").sender == sender.replace("%2B", "+")


WRONG = [
    f"u12:{SECRET}@api.46elks.com?from=Abc",
    f"https://u12:{SECRET}@api.46elks.com?from=Abc",
    f"46ELKS://u12:{SECRET}@api.46elks.com?from=Abc",
    f"46elks:u12:{SECRET}@api.46elks.com?from=Abc",
    f"46elks://{SECRET}@api.46elks.com?from=Abc",
    f"46elks://:{SECRET}@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET}@?from=Abc",
    f"46elks://u12:{SECRET}#1@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET}/1@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET} 1@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET}\r\nX@api.46elks.com?from=Abc",
    f"46elks://u%3A1:{SECRET}@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET}@api.46elks.com/a2?from=Abc",
    f"46elks://u12:{SECRET}@api.46elks.com:0?from=Abc",
    f"46elks://u12:{SECRET}@api.46elks.com:port?from=Abc",
    f"46elks://u12:{SECRET}@[::1?from=Abc",
    f"46elks+http://u12:{SECRET}@api.46elks.com?from=Abc",
    f"46elks://u12:{SECRET}@api.46elks.com",
    f"46elks://u12:{SECRET}@api.46elks.com?from",
    f"46elks://u12:{SECRET}@api.46elks.com?from=Abc&form=x",
    *(
        f"46elks://u12:{SECRET}@api.46elks.com?from={sender}"
        for sender in (
            "",
            "Ab",
            "TwelveLetter",
            "1Kommun",
            "Åby",
            "A b",
            "A-b-c",
            "0701740605",
            "+12345",
            "+0701740605",
        )
    ),
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_refused_in_one_sentence_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="SMS_URL") as refusal:
        Account.of(url)
    said = str(refusal.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert SECRET not in said
    assert "u12" not in said
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_an_account_shows_neither_user_nor_password() -> None:
    shown = repr(Account.of(f"46elks://u12:{SECRET}@api.46elks.com?from=Abc"))
    assert SECRET not in shown
    assert "u12" not in shown


NUMBERS = {
    "+46701740605": True,
    "+4520123456": True,  # Denmark does not tell mobiles from others
    "+358401234567": True,
    "+4612285000": False,  # Finspång's switchboard
    "+46771567567": False,
    "+4620222000": False,
    "+46112": False,
    "+46701": False,
    "0701740605": False,
    "": False,
    "Rut": False,
}


@pytest.mark.parametrize(("number", "can"), NUMBERS.items())
def test_an_sms_can_arrive_at_mobiles_only(number: str, can: bool) -> None:
    assert textable(number) is can
