"""LETTERS_URL is understood, or refused with one sentence that gives no secret away; the batch and its manifest."""

import json
from hashlib import sha256
from importlib import import_module

import pytest

from caseflow.messages.handover import REGISTRY, Batch, Target
from caseflow.messages.handover.target import OPTIONS
from tests.messages.batches import NAME, batch

pytestmark = pytest.mark.no_app


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("folder:/srv/letters", Target("folder", "/srv/letters")),
        ("folder:/srv/brev%20till%20tryck", Target("folder", "/srv/brev till tryck")),
        ("ipp://printer:6310/printers/Q", Target("ipp", "/printers/Q", "printer", 6310)),
        ("ipp://printer/ipp/print", Target("ipp", "/ipp/print", "printer", 631)),
        ("ipp://[2001:db8::7]/printers/Q", Target("ipp", "/printers/Q", "2001:db8::7", 631)),
        ("ipps://u:p%40ss@h/printers/Q?ca=/ca", Target("ipps", "/printers/Q", "h", 631, "u", "p@ss", ca="/ca")),
        (
            "sftp://kc@files.example/in?key=/k&host_key=/h",
            Target("sftp", "/in", "files.example", 22, "kc", key="/k", host_key="/h"),
        ),
    ],
)
def test_an_address_for_letters_is_taken_apart(url: str, target: Target) -> None:
    assert Target.of(url) == target


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "must be one of"),
        ("/srv/letters", "must be one of"),
        ("lpd://h:s3cret@printer/q", "must be one of"),
        ("folder:letters", "path that begins with /"),
        ("folder://srv/letters", "one slash"),
        ("folder:/srv/two words", "write its special characters as %XX"),
        ("folder:/srv/letters?mode=s3cret", "option that folder does not know"),
        ("ipp://u:s3cret@/printers/Q", "needs a host"),
        ("ipp://printer:0/printers/Q", "a port other than 0"),
        ("ipp://u:s3cret@printer:port/printers/Q", "cannot be understood"),
        ("ipp://[u:s3cret@printer/printers/Q", "cannot be understood"),
        ("ipp://printer/", "needs the printer's queue"),
        ("ipp://u:s3cret@printer/printers/Q", "write ipps://"),
        ("ipp://printer/printers/Q?ca=/ca.pem", "option that ipp does not know"),
        ("sftp://files.example/in?key=/k&host_key=/h", "needs a user"),
        ("sftp://kc:s3cret@files.example/in?key=/k&host_key=/h", "logs in with a key"),
        ("sftp://kc@files.example/in?key=/k", "host_key=/path"),
        ("sftp://kc@files.example/in?key=k&host_key=/h", "key=/path"),
        ("sftp://kc@files.example/in?key=/k&host_key=/h&passphrase=s3cret", "option that sftp does not know"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_one_sentence(url: str, why: str) -> None:
    with pytest.raises(ValueError, match="LETTERS_URL") as refused:
        Target.of(url)
    sentence = str(refused.value)
    assert why in sentence
    assert sentence.endswith(".")
    assert "s3cret" not in sentence


def test_a_target_shows_neither_its_password_nor_its_keys() -> None:
    shown = repr(Target.of("ipps://u:s3cret@h/printers/Q")) + repr(
        Target.of("sftp://u@h/in?key=/s3cret&host_key=/s3cret")
    )
    assert "s3cret" not in shown


def test_there_is_a_way_for_every_scheme() -> None:
    assert REGISTRY.keys() == OPTIONS.keys()
    for module in set(REGISTRY.values()):
        way = import_module(module)
        assert callable(way.hand_over)
        assert callable(way.reconcile)


def test_the_manifest_says_whose_pages_are_where_and_what_the_whole_file_is() -> None:
    whole = json.loads(batch().manifest)
    assert {key: whole[key] for key in ("batch", "file", "duplex", "sheets")} == {
        "batch": NAME,
        "file": f"{NAME}.pdf",
        "duplex": True,
        "sheets": 3,
    }
    assert whole["sha256"] == sha256(batch().pdf).hexdigest()
    assert whole["bytes"] == len(batch().pdf)
    assert [(line["message"], line["case"], line["first_page"], line["pages"]) for line in whole["letters"]] == [
        (4000, "KC-26114000", 1, 1),
        (4001, "KC-26114001", 3, 2),
        (4002, "KC-26114002", 5, 1),
    ]
    assert all(len(line["sha256"]) == 64 for line in whole["letters"])


def test_printed_on_one_side_every_page_is_a_sheet() -> None:
    assert batch(duplex=False).sheets == 4


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Åsa", "a b", "-x", "x.pdf", "a" * 101])
def test_a_batch_whose_name_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="named with a to z"):
        Batch(name, b"", b"", 1)
