"""The short `make chaos`: each point once, a PostgreSQL and a broker killed, too many rings, poison; and its own teeth.

It runs in a process of its own, because the doorbell of a process rings at one broker. The long one and what its table
says: docs/reliability.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from caseflow import ROOT
from caseflow.processes import wait_until
from tests.chaos import report
from tests.chaos.fates import SHARES, fate
from tests.nursery import Newborn

pytestmark = pytest.mark.no_app

SHORT = "--replies 40 --kills 5 --faults 4 --lease 2 --sweep 0.5 --rung 0.3 --hold 4 --beats 1 --processes 2"
PATIENCE = 400
NONE_BROKEN: dict[str, int] = {}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run found, as it wrote it down."""
    folder = tmp_path_factory.mktemp("chaos")
    found, log = folder / "found.json", folder / "log"
    chaos = Newborn("tests.chaos", *SHORT.split(), "--json", str(found), environ=os.environ, log=log)
    try:
        wait_until(lambda: not chaos.alive(), PATIENCE)
    finally:
        chaos.kill()
    if not found.exists():
        pytest.fail(f"the chaos came to no end: {log.read_text()[-6000:]}")
    return dict(json.loads(found.read_text()))


def test_no_reply_is_lost_or_sent_twice_whatever_is_killed(run: dict[str, Any]) -> None:
    assert run["broken"] == NONE_BROKEN
    assert run["figures"]["replies"] >= 40 + 6 + 12
    assert run["figures"]["accepted"] > 40
    assert {blow["victim"] for blow in run["blows"]} == {
        "process",
        "worker",
        "beat",
        "PostgreSQL",
        "broker",
        "everything at once",
    }


def test_each_point_leaves_the_row_in_the_state_that_says_what_the_provider_may_have(run: dict[str, Any]) -> None:
    left = {blow["point"]: blow["left"] for blow in run["blows"] if blow["victim"] in ("process", "worker", "beat")}
    assert left == {
        "claimed": "claimed",
        "calling": "calling",
        "taken": "calling",
        "answered": "calling",
        "recorded": "accepted",
    }


def test_what_a_reply_becomes_is_known_from_where_its_worker_died(run: dict[str, Any]) -> None:
    """Which channel's reply comes to a gate in the database is chance; one by phone is simply listed again."""
    may_end = {
        "claimed": {"sent", "failed", "unknown, sent"},
        "calling": {"unknown, not sent"},
        "taken": {"unknown, sent"},
        "answered": {"sent", "unknown, sent"},
        "recorded": {"sent"},
    }
    for blow in run["blows"]:
        if blow["victim"] in ("process", "worker", "everything at once"):
            assert blow["end"] in may_end[blow["point"]], blow


def test_a_reply_that_is_held_does_not_leave_for_fifty_rings_and_not_at_all_when_it_is_undone(
    run: dict[str, Any],
) -> None:
    assert run["faults"]["replies held, rung for 50 times"] == 6
    assert run["figures"]["taken back"] == run["faults"]["… of these undone"] == 3
    assert run["figures"]["sent before its time to undo was over"] == 0
    assert run["figures"]["sent though it was undone"] == 0


def test_a_letter_that_kills_its_workers_is_given_up_and_stops_nobody(run: dict[str, Any]) -> None:
    assert run["figures"]["poison not given up"] == 0
    # At most tries Python may run out of memory before Typst does: that is an error of the channel, and no death.
    assert run["figures"]["calls made anew after a death"] >= 1


def test_two_workers_together_keep_to_the_limit_of_mails_at_once(run: dict[str, Any]) -> None:
    assert 2 <= run["figures"]["mails in hand at once, at most"] <= 3


def test_the_mail_server_treats_a_seed_and_an_address_alike_each_time_and_each_fate_has_its_share() -> None:
    fates = Counter(fate(7, f"rut+{number}@example.org") for number in range(20_000))
    assert fates == Counter(fate(7, f"rut+{number}@example.org") for number in range(20_000))
    assert fates != Counter(fate(8, f"rut+{number}@example.org") for number in range(20_000))
    for name, share in SHARES.items():
        assert share * 20 * 0.5 <= fates[name] <= share * 20 * 1.5 + 10, name


def test_the_page_keeps_its_words_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n", encoding="utf-8")
    report.write(page, [report.Table("Letters", ("what", "n"), [("a \\1 b", "2")], 1)])
    report.write(page, [report.Table("Letters", ("what", "n"), [("a \\1 b", "3")], 1)])
    table = "Letters:\n\n| what | n |\n| --- | ---: |\n| a \\1 b | 3 |"
    assert page.read_text(encoding="utf-8") == f"before\n\n{report.BEGIN}\n{table}\n{report.END}\n\nafter\n"
    assert (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").count(report.BEGIN) == 1
