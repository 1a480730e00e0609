"""A short `make chaos`: a process, a worker, a PostgreSQL and then everything killed while a dozen replies are sent.

It runs in a process of its own, because the doorbell of a process rings at one broker. The long one, which strikes at
each point and wrecks all that can be, and what its table says: docs/reliability.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from caseflow import ROOT
from caseflow.processes import wait_until
from tests.chaos import report
from tests.chaos.fates import SHARES, fate
from tests.nursery import Newborn

pytestmark = pytest.mark.no_app

SHORT = "--replies 12 --kills 2 --faults 1 --poison 0 --lease 2 --sweep 0.5 --rung 0.3 --hold 4 --beats 1 --processes 2"
PATIENCE = 200
NONE_BROKEN: dict[str, int] = {}


def test_no_reply_is_lost_or_sent_twice_whatever_is_killed(tmp_path: Path) -> None:
    found, log = tmp_path / "found.json", tmp_path / "log"
    chaos = Newborn("tests.chaos", *SHORT.split(), "--json", str(found), environ=os.environ, log=log)
    try:
        wait_until(lambda: not chaos.alive(), PATIENCE)
    finally:
        chaos.kill()
    assert found.exists(), f"the chaos came to no end: {log.read_text()[-6000:]}"
    run = json.loads(found.read_text())
    assert run["broken"] == NONE_BROKEN
    assert run["figures"]["replies"] == 12 + 12
    assert run["figures"]["accepted"] > 12
    struck = {(blow["victim"], blow["point"]) for blow in run["blows"]}
    assert struck == {
        ("process", "claimed"),
        ("worker", "calling"),
        ("PostgreSQL", "claimed"),
        ("everything at once", "taken"),
    }


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
