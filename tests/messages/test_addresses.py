"""The sealed plus-addresses: read back as they were made, and by nobody else's hand."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from caseflow.messages import addresses
from caseflow.messages.addresses import ForCase, ForMessage, bounce_address, read, reply_address

pytestmark = pytest.mark.no_app

MAILBOX, SECRET = "arende@kommun.se", "a secret that is long enough to be one"
numbers = st.builds("{:04}-{}".format, st.integers(2000, 2999), st.integers(1, 10**12 - 1))
ids = st.integers(1, 2**63 - 1)
secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
mailboxes = st.builds(
    "{}@{}".format,
    st.from_regex(r"[a-z0-9](-?[a-z0-9]|\.[a-z0-9]){0,12}", fullmatch=True).filter(lambda name: len(name) <= 26),
    st.sampled_from(["kommun.se", "finspång.se", "MAIL.kommun.example", "xn--malm-8qa.se"]),
)


@given(mailbox=mailboxes, number=numbers, secret=secrets)
def test_an_answers_address_names_its_case(mailbox: str, number: str, secret: str) -> None:
    assert read(reply_address(mailbox, number, secret), mailbox, secret) == ForCase(number)


@given(mailbox=mailboxes, message=ids, secret=secrets)
def test_a_bounces_address_names_its_message(mailbox: str, message: int, secret: str) -> None:
    assert read(bounce_address(mailbox, message, secret), mailbox, secret) == ForMessage(message)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.swapcase])
def test_servers_may_change_capitals(change: Callable[[str], str]) -> None:
    assert read(change(reply_address(MAILBOX, "2026-10023", SECRET)), MAILBOX, SECRET) == ForCase("2026-10023")
    assert read(change(bounce_address(MAILBOX, 417, SECRET)), change(MAILBOX), SECRET) == ForMessage(417)


def test_a_domain_is_the_same_in_both_its_spellings() -> None:
    written, in_dns = "arende@finspång.se", "arende@xn--finspng-ixa.se"
    assert reply_address(written, "2026-1", SECRET) == reply_address(in_dns, "2026-1", SECRET)
    assert read(reply_address(written, "2026-1", SECRET), in_dns, SECRET) == ForCase("2026-1")
    assert reply_address(written, "2026-1", SECRET).endswith("@xn--finspng-ixa.se")


@given(mailbox=mailboxes, number=numbers, message=ids)
@example("a" * 26 + "@kommun.se", "2999-" + "9" * 12, 2**63 - 1)
def test_every_server_takes_the_addresses(mailbox: str, number: str, message: int) -> None:
    for address in (reply_address(mailbox, number, SECRET), bounce_address(mailbox, message, SECRET)):
        local, domain = address.split("@")
        assert len(local) <= 64
        assert len(f"<{address}>") <= 256  # RFC 5321, 4.5.3.1.3
        assert re.fullmatch(r"[a-z0-9.+-]+", local)
        assert domain == domain.lower()


@given(number=numbers, place=st.integers(0, 40), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567890189.-+m"))
def test_an_address_with_one_character_changed_is_nobodys(number: str, place: int, letter: str) -> None:
    address = reply_address(MAILBOX, number, SECRET)
    place %= address.index("@")
    changed = address[:place] + letter + address[place + 1 :]
    assume(changed != address)
    assert read(changed, MAILBOX, SECRET) is None


def test_a_seal_fits_its_own_case_and_purpose_only() -> None:
    local = reply_address(MAILBOX, "2026-10023", SECRET).partition("@")[0]
    seal = local.rpartition(".")[2]
    for about in ("2026-10024", "2025-10023", "2026-1002", "m202610023", "m2026", "m1", ""):
        assert read(f"arende+{about}.{seal}@kommun.se", MAILBOX, SECRET) is None
    assert len(seal) * 5 >= 50


@given(secret=secrets, other=secrets)
def test_another_secret_reads_nothing(secret: str, other: str) -> None:
    assume(secret != other and secret.encode() != other.encode().rstrip(b"\0"))
    assume(other.encode() != secret.encode().rstrip(b"\0"))  # HMAC fills a short key up with zeros
    assert read(reply_address(MAILBOX, "2026-10023", secret), MAILBOX, other) is None


def test_what_else_the_secret_signs_is_no_seal() -> None:
    for signed in (b"2026-10023", b"caseflow plus-address 12026-10023", b"arende+2026-10023"):
        seal = b32encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256))[:16].decode().lower()
        assert read(f"arende+2026-10023.{seal}@kommun.se", MAILBOX, SECRET) is None


@pytest.mark.parametrize("mailbox", ["info@kommun.se", "arende@kommun.example", "arende2@kommun.se", "rende@kommun.se"])
def test_another_mailboxs_address_is_not_ours(mailbox: str) -> None:
    assert read(reply_address(MAILBOX, "2026-10023", SECRET), mailbox, SECRET) is None


@given(st.text(max_size=90))
@example("arende@kommun.se")
@example("arende+@kommun.se")
@example("@")
@example("arende+2026-10023.aaaaaaaaaaaaaaaa@kommun.se\n")
@example("arende+２０２６-10023.aaaaaaaaaaaaaaaa@kommun.se")
def test_whatever_else_comes_is_nobodys_and_no_error(address: str) -> None:
    assert read(address, MAILBOX, SECRET) is None
    assert read(f"arende+{address}@kommun.se", MAILBOX, SECRET) is None
    assert read(f"arende+2026-10023.aaaaaaaaaaaaaaaa@{address}", MAILBOX, SECRET) is None


NO_MAILBOXES = ["arende", "@kommun.se", "arende@", "a b@kommun.se", "är@kommun.se", "arende+x@kommun.se"]
NO_MAILBOXES += ["arende@kom mun.se", "a\r\nBcc: x@kommun.se", ".arende@kommun.se", "arende@kommun.se\n"]


@pytest.mark.parametrize("mailbox", [*NO_MAILBOXES, f"{'a' * 27}@kommun.se"])
def test_a_mailbox_that_cannot_carry_them_is_refused(mailbox: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        addresses.check(mailbox)
    with pytest.raises(ValueError, match=r"."):
        reply_address(mailbox, "2026-10023", SECRET)


@pytest.mark.parametrize("number", ["", "10023", "2026-", "2026-10023\r\nBcc: x", "m7", "2026-1.2", "2026-10023 "])
def test_what_is_no_case_number_makes_no_address(number: str) -> None:
    with pytest.raises(ValueError, match="names no case"):
        reply_address(MAILBOX, number, SECRET)
