"""Batches for a folder that a print room watches."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from caseflow.messages.handover import Handed, Missing, Refused, Unclear, hand_over, reconcile
from tests.messages.arrivals import arrivals
from tests.messages.batches import NAME, batch

pytestmark = pytest.mark.no_app

PDF, MANIFEST = f"{NAME}.pdf", f"{NAME}.json"


def to(folder: Path) -> dict[str, str]:
    return {"LETTERS_URL": f"folder:{folder}"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_batch_lies_in_the_folder_with_its_manifest(tmp_path: Path) -> None:
    assert hand_over(batch(), to(tmp_path)) == Handed(str(tmp_path / PDF))
    assert names(tmp_path) == [MANIFEST, PDF]
    told = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    assert sha256((tmp_path / PDF).read_bytes()).hexdigest() == told == sha256(batch().pdf).hexdigest()


def test_the_manifest_gets_its_name_last(tmp_path: Path) -> None:
    with arrivals(tmp_path) as moved:
        hand_over(batch(), to(tmp_path))
        assert moved() == [PDF, MANIFEST]


def test_nothing_has_its_name_before_all_is_written(tmp_path: Path) -> None:
    (tmp_path / f"{MANIFEST}.part").mkdir()
    assert isinstance(hand_over(batch(), to(tmp_path)), Refused)
    assert names(tmp_path) == [f"{MANIFEST}.part", f"{PDF}.part"]


def test_handed_over_twice_nothing_is_written_again(tmp_path: Path) -> None:
    first = hand_over(batch(), to(tmp_path))
    before = [path.stat().st_mtime_ns for path in (tmp_path / PDF, tmp_path / MANIFEST)]
    assert hand_over(batch(), to(tmp_path)) == first
    assert [path.stat().st_mtime_ns for path in (tmp_path / PDF, tmp_path / MANIFEST)] == before


def test_another_batch_of_the_same_name_is_never_written_over(tmp_path: Path) -> None:
    hand_over(batch(), to(tmp_path))
    other = replace(batch(), pdf=batch().pdf + b"%")
    refused = hand_over(other, to(tmp_path))
    assert refused == Refused(permanent=True, reason="another batch of the same name already lies there")
    assert (tmp_path / PDF).read_bytes() == batch().pdf
    assert isinstance(reconcile(other, to(tmp_path)), Unclear)


def test_what_a_crash_left_behind_is_written_over(tmp_path: Path) -> None:
    (tmp_path / f"{PDF}.part").write_bytes(batch().pdf[:1000])
    assert reconcile(batch(), to(tmp_path)) == Missing()
    assert isinstance(hand_over(batch(), to(tmp_path)), Handed)
    assert names(tmp_path) == [MANIFEST, PDF]


def test_a_crash_before_the_manifest_got_its_name_is_made_good(tmp_path: Path) -> None:
    (tmp_path / PDF).write_bytes(batch().pdf)
    (tmp_path / f"{MANIFEST}.part").write_bytes(batch().manifest)
    assert reconcile(batch(), to(tmp_path)) == Missing()
    assert isinstance(hand_over(batch(), to(tmp_path)), Handed)
    assert names(tmp_path) == [MANIFEST, PDF]


def test_after_a_crash_a_batch_that_lies_there_was_handed_over(tmp_path: Path) -> None:
    hand_over(batch(), to(tmp_path))
    assert reconcile(batch(), to(tmp_path)) == Handed(str(tmp_path / PDF))
    (tmp_path / PDF).unlink()  # who collects has begun
    assert isinstance(reconcile(batch(), to(tmp_path)), Handed)


def test_after_a_crash_an_empty_folder_proves_nothing(tmp_path: Path) -> None:
    """The print room may have collected the batch already: printing it again is a person's decision."""
    unclear = reconcile(batch(), to(tmp_path))
    assert isinstance(unclear, Unclear)
    assert "collected already" in unclear.reason


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    gone = tmp_path / "share"
    assert hand_over(batch(), to(gone)) == Refused(False, "the folder for letters is missing: is its share mounted?")
    assert not gone.exists()
    assert isinstance(reconcile(batch(), to(gone)), Unclear)


def test_a_full_disk_is_told_in_words_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / f"{PDF}.part").symlink_to("/dev/full")
    refused = hand_over(batch(), to(tmp_path))
    assert refused == Refused(False, "the folder for letters cannot be used: No space left on device")
    assert not (tmp_path / PDF).exists()
