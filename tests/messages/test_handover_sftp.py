"""Batches for a file server, at a real OpenSSH server: whole files under their names, or none."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import asyncssh
import pytest

from caseflow.messages.handover import Handed, Limits, Missing, Refused, Unclear, hand_over, reconcile
from tests.foreign import free_port
from tests.messages.arrivals import arrivals
from tests.messages.batches import NAME, QUICK, STEADY, batch
from tests.sshservers import Sshd, new_key, serving_files
from tests.wires import Fault, Wire, silent

pytestmark = pytest.mark.no_app

PDF, MANIFEST = f"{NAME}.pdf", f"{NAME}.json"


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with serving_files(tmp_path / "sshd") as server:
        yield server


def to(url: str) -> dict[str, str]:
    return {"LETTERS_URL": url}


def names(sshd: Sshd) -> list[str]:
    return sorted(path.name for path in sshd.inbox.iterdir())


def whole(sshd: Sshd) -> bool:
    """Both files, as they were handed over, and nothing else."""
    files = {path.name: path.read_bytes() for path in sshd.inbox.iterdir()}
    return files == {PDF: batch().pdf, MANIFEST: batch().manifest}


def test_a_batch_lies_on_the_server_with_its_manifest(sshd: Sshd) -> None:
    handed = hand_over(batch(), to(sshd.url()))
    assert handed == Handed(f"127.0.0.1:{sshd.port}{sshd.inbox}/{PDF}")
    assert whole(sshd)
    told = json.loads((sshd.inbox / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    assert sha256((sshd.inbox / PDF).read_bytes()).hexdigest() == told


def test_the_manifest_gets_its_name_last(sshd: Sshd) -> None:
    with arrivals(sshd.inbox) as moved:
        hand_over(batch(), to(sshd.url()))
        assert moved() == [PDF, MANIFEST]


def test_handed_over_twice_nothing_is_written_again(sshd: Sshd) -> None:
    first = hand_over(batch(), to(sshd.url()))
    before = [(path.name, path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted(sshd.inbox.iterdir())]
    assert hand_over(batch(), to(sshd.url())) == first == reconcile(batch(), to(sshd.url()))
    assert [(path.name, path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted(sshd.inbox.iterdir())] == before


@pytest.mark.parametrize("other", [batch().pdf + b"%", batch().pdf[:-1] + b"%"], ids=["longer", "as long"])
def test_another_batch_of_the_same_name_is_never_written_over(sshd: Sshd, other: bytes) -> None:
    hand_over(batch(), to(sshd.url()))
    refused = hand_over(replace(batch(), pdf=other), to(sshd.url()))
    assert refused == Refused(permanent=True, reason="another batch of the same name already lies there")
    assert whole(sshd)
    assert isinstance(reconcile(replace(batch(), pdf=other), to(sshd.url())), Unclear)


@pytest.mark.parametrize("fault", ["cut", "clogged"])
def test_a_line_that_breaks_amid_the_file_leaves_only_a_part(sshd: Sshd, fault: Fault) -> None:
    began = time.monotonic()
    with Wire(sshd.port, after=len(batch().pdf) // 2, fault=fault) as wire:
        sshd.know(wire.port)
        refused = hand_over(batch(), to(sshd.url(port=wire.port)), STEADY)
    assert isinstance(refused, Refused)
    assert refused.reason in ("the connection to the server was lost", "the server did not answer in time")
    assert time.monotonic() - began < STEADY.in_all + 2
    assert names(sshd) == [f"{PDF}.part"]
    assert (sshd.inbox / f"{PDF}.part").stat().st_size < len(batch().pdf)
    sshd.know(sshd.port)
    assert reconcile(batch(), to(sshd.url())) == Missing()
    assert isinstance(hand_over(batch(), to(sshd.url())), Handed)
    assert whole(sshd)


@pytest.mark.parametrize("fault", ["cut", "dumb"])
def test_wherever_near_the_end_the_line_is_cut_the_answer_is_true(sshd: Sshd, fault: Fault) -> None:
    """From before the first rename to after the last: a refusal means that the manifest has no name yet."""
    with Wire(sshd.port) as wire:
        sshd.know(wire.port)
        hand_over(batch(), to(sshd.url(port=wire.port)))
    seen = set()
    for before_the_end in range(40, 840, 160):
        for path in sshd.inbox.iterdir():
            path.unlink()
        with Wire(sshd.port, after=wire.passed - before_the_end, fault=fault) as broken:
            sshd.know(broken.port)
            said = hand_over(batch(), to(sshd.url(port=broken.port)))
        sshd.know(sshd.port)
        _true(sshd, said)
        seen.add(type(said))
    assert Refused in seen
    assert Unclear in seen


@pytest.mark.parametrize("before_the_end", [60, 250])
def test_a_line_that_clogs_at_the_very_end_never_makes_a_refusal_of_what_may_lie_there(
    sshd: Sshd, before_the_end: int
) -> None:
    """The time for all steps runs out in the last one, or in the farewell."""
    with Wire(sshd.port) as wire:
        sshd.know(wire.port)
        hand_over(batch(), to(sshd.url(port=wire.port)))
    for path in sshd.inbox.iterdir():
        path.unlink()
    with Wire(sshd.port, after=wire.passed - before_the_end, fault="clogged") as clogged:
        sshd.know(clogged.port)
        said = hand_over(batch(), to(sshd.url(port=clogged.port)), Limits(step=30, in_all=3))
    sshd.know(sshd.port)
    assert type(said) is (Unclear if before_the_end == 250 else Handed)
    _true(sshd, said)


def _true(sshd: Sshd, said: Handed | Refused | Unclear) -> None:
    found = reconcile(batch(), to(sshd.url()))
    handed = (sshd.inbox / MANIFEST).exists()
    assert isinstance(found, Handed) == handed
    if isinstance(said, Refused):
        assert not handed
    if isinstance(said, Handed) or handed:
        assert whole(sshd)
    else:
        assert found == Missing()
        assert isinstance(hand_over(batch(), to(sshd.url())), Handed)
        assert whole(sshd)


def test_after_a_crash_an_empty_place_proves_nothing(sshd: Sshd) -> None:
    """The print shop may have collected the batch already: printing it again is a person's decision."""
    hand_over(batch(), to(sshd.url()))
    for path in sshd.inbox.iterdir():
        path.unlink()
    unclear = reconcile(batch(), to(sshd.url()))
    assert isinstance(unclear, Unclear)
    assert "collected already" in unclear.reason


def test_a_host_key_that_has_changed_is_not_trusted(sshd: Sshd) -> None:
    sshd.know(sshd.port, asyncssh.generate_private_key("ssh-ed25519"))
    before = sshd.known_hosts.read_text()
    refused = hand_over(batch(), to(sshd.url()))
    assert refused == Refused(False, "the server's host key is not the pinned one: it is unknown, or it has changed")
    assert sshd.known_hosts.read_text() == before
    assert names(sshd) == []
    assert isinstance(reconcile(batch(), to(sshd.url())), Unclear)


@pytest.mark.parametrize("known", ["", "[127.0.0.1]:1 ssh-ed25519 AAAA\n", "# nobody\n"])
def test_a_host_key_that_is_unknown_is_not_trusted(sshd: Sshd, known: str) -> None:
    sshd.known_hosts.write_text(known)
    refused = hand_over(batch(), to(sshd.url()))
    assert isinstance(refused, Refused)
    assert "host key" in refused.reason
    assert sshd.known_hosts.read_text() == known
    assert names(sshd) == []


def test_a_host_key_of_another_kind_is_not_trusted(sshd: Sshd) -> None:
    sshd.know(sshd.port, asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    refused = hand_over(batch(), to(sshd.url()))
    assert isinstance(refused, Refused)
    assert "host key" in refused.reason


def test_a_key_that_the_server_does_not_know_is_told_in_words(sshd: Sshd, tmp_path: Path) -> None:
    new_key(tmp_path / "other")
    refused = hand_over(batch(), to(sshd.url(key=tmp_path / "other")))
    assert refused == Refused(False, "the server does not let this user in with this key")


@pytest.mark.parametrize("content", [None, b"s3cret", b"passphrase"])
def test_a_key_that_cannot_be_used_is_told_in_words_and_not_shown(sshd: Sshd, content: bytes | None) -> None:
    key = sshd.root / "s3cret-key"
    if content == b"passphrase":
        new_key(key, passphrase="s3cret")
    elif content:
        key.write_bytes(content)
    refused = hand_over(batch(), to(sshd.url(key=key)))
    assert refused == Refused(False, "the file with our private key (key) cannot be read, or wants a passphrase")


def test_a_folder_that_is_missing_on_the_server_is_not_made(sshd: Sshd) -> None:
    refused = hand_over(batch(), to(sshd.url(folder=f"{sshd.inbox}/2026")))
    assert refused == Refused(False, "the folder for letters is missing on the server")
    assert names(sshd) == []


def test_a_folder_whose_name_has_spaces_is_found(sshd: Sshd) -> None:
    (sshd.inbox / "till tryck åäö").mkdir()
    assert isinstance(hand_over(batch(), to(sshd.url(folder=f"{sshd.inbox}/till tryck åäö"))), Handed)


def test_a_server_that_allows_no_writing_is_told_in_words(tmp_path: Path) -> None:
    with serving_files(tmp_path / "sshd", read_only=True) as sshd:
        refused = hand_over(batch(), to(sshd.url()))
    assert refused == Refused(False, "the server does not allow this user to write there")


def test_a_full_disk_on_the_server_is_told_in_words_and_tried_again(sshd: Sshd) -> None:
    (sshd.inbox / f"{PDF}.part").symlink_to("/dev/full")
    refused = hand_over(batch(), to(sshd.url()))
    assert refused == Refused(False, "the server could not write the file: is its disk full?")
    (sshd.inbox / f"{PDF}.part").unlink()
    assert isinstance(hand_over(batch(), to(sshd.url())), Handed)
    assert whole(sshd)


def test_a_server_that_is_down_is_tried_again(sshd: Sshd) -> None:
    port = free_port()
    sshd.know(port)
    refused = hand_over(batch(), to(sshd.url(port=port)))
    assert refused == Refused(False, "the server does not take connections: is it running?")


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_server_that_hangs_costs_only_the_time_agreed(sshd: Sshd, greeting: bytes) -> None:
    began = time.monotonic()
    with silent(greeting) as port:
        sshd.know(port)
        refused = hand_over(batch(), to(sshd.url(port=port)), QUICK)
    assert refused == Refused(False, "the server did not answer in time")
    assert time.monotonic() - began < QUICK.in_all + 2


def test_a_batch_of_many_letters_goes_through(sshd: Sshd) -> None:
    many = batch(copies=8)
    assert isinstance(hand_over(many, to(sshd.url())), Handed)
    assert (sshd.inbox / PDF).read_bytes() == many.pdf
