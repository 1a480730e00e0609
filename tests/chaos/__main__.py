"""Kill the workers and the servers while replies are sent, and count what became of them: `python -m tests.chaos`."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from rich.console import Console

from caseflow import ROOT, clock, create_app
from config import Config
from tests.chaos import replies, report
from tests.chaos.havoc import STALLED, Havoc
from tests.chaos.house import House, house
from tests.chaos.points import Points
from tests.chaos.replies import Writer
from tests.chaos.verdict import Judge, Verdict
from tests.crew import Crew

WORKERS = 2
MEMORY = 320  # MiB of data for a worker's process: the poisonous letter needs more
STARTS = (
    20  # so many times as long as the first start of all, which is divided off a warm process, may a later one take
)

console = Console(highlight=False)


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for; `lease`, `sweep`, `rung` and `hold` are seconds."""

    replies: int
    kills: int
    faults: int
    seed: int
    lease: float
    sweep: float
    rung: float
    beats: int
    processes: int
    hold: float
    poison: int

    @classmethod
    def of(cls, words: argparse.Namespace) -> Wanted:
        return cls(**{name: getattr(words, name) for name in cls.__dataclass_fields__})


def main() -> int:
    """0 when every promise was kept, else 1; then what the run left behind stays to be looked at."""
    words = _parser().parse_args()
    wanted = Wanted.of(words)
    folder = Path(tempfile.mkdtemp(prefix="caseflow-chaos-"))
    began, wrong = time.monotonic(), ["it did not come to its end"]
    try:
        # One fewer than there are processes, so that it is the limit that holds them back.
        with house(folder, seed=wanted.seed, mails_at_once=WORKERS * wanted.processes - 1) as servers:
            verdict, havoc = _run(wanted, servers)
        verdict.figures["seconds"] = round(time.monotonic() - began)
        tables = report.tables(verdict, havoc)
        for table in tables:
            console.print(report.shown(table))
        if words.json:
            words.json.write_text(json.dumps({"wanted": asdict(wanted), **report.facts(verdict, havoc)}))
        if words.write:
            report.write(ROOT / "docs" / "reliability.md", tables)
        wrong = [f"{name}: {times}" for name, times in verdict.broken.items()]
    finally:
        if wrong:
            console.print(f"[red]BROKEN: {'; '.join(wrong)}[/red]\nData and logs: {folder}")
        else:
            shutil.rmtree(folder)
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--replies", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20, help="SIGKILLs of worker processes, whole workers and beats")
    parser.add_argument("--faults", type=int, default=8, help="everything else that goes wrong: the servers' part")
    parser.add_argument("--seed", type=int, default=1, help="chooses the blows' moments, and who is refused")
    parser.add_argument("--lease", type=float, default=5.0, help="seconds; the product's own are 100")
    parser.add_argument("--sweep", type=float, default=1.0, help="seconds between two sweeps; the product's own are 5")
    parser.add_argument(
        "--rung", type=float, default=1.0, help="seconds at each rung of the ladder, instead of minutes"
    )
    parser.add_argument("--beats", type=int, default=2)
    parser.add_argument("--processes", type=int, default=3, help="for tasks, of each of the two workers")
    parser.add_argument("--hold", type=float, default=15.0, help="seconds in which a reply can be undone")
    parser.add_argument("--poison", type=int, default=1, help="letters that kill whoever draws them")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reliability.md")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser


def _run(wanted: Wanted, servers: House) -> tuple[Verdict, Havoc]:
    app = create_app(Config.from_environment(servers.environ))
    app.config["OUTBOX_HOLD"] = timedelta(0)  # the replies that are held say so
    with app.app_context():
        upgrade()
        writer = Writer()
        for _ in range(wanted.poison):
            writer.write_poison()
        writer.write(wanted.replies)
        _say(f"{replies.unfinished()} replies wait")
        began = clock.now()
        crew = Crew(
            servers.folder,
            servers.environ,
            lease=wanted.lease,
            sweep=wanted.sweep,
            ladder=wanted.rung,
            workers=WORKERS,
            processes=wanted.processes,
            beats=wanted.beats,
            memory=MEMORY,
        )
        try:
            dice, hold = random.Random(wanted.seed), timedelta(seconds=wanted.hold)
            havoc = Havoc(servers, crew, Points(servers, crew), writer, dice, hold)
            return _send(wanted, havoc, began), havoc
        finally:
            crew.kill()


def _send(wanted: Wanted, havoc: Havoc, began: datetime) -> Verdict:
    """Everything, up to the verdict; the workers were started when it `began`."""
    whole = havoc.wreak(wanted.kills, wanted.faults, wanted.replies)
    _say(f"{havoc.settled()} replies are settled, and all blows but one are struck")
    _settle(havoc, but_for=havoc.writer.poison)
    _say("all are settled but the poison; now everything dies at once")
    havoc.finish()
    last_blow = time.monotonic()
    _settle(havoc, but_for=havoc.writer.poison)
    settling = time.monotonic() - last_blow
    _settle(havoc)
    time.sleep(2 * wanted.sweep)  # whatever would be sent once more, is
    judge = Judge(havoc.house, wanted.seed, havoc.writer.written, havoc.writer.poison, havoc.undone)
    verdict = judge.judge()
    judge.weigh(havoc.blows, verdict)
    within = wanted.lease + wanted.sweep + STARTS * judge.first_after(began)
    verdict.figures["seconds from the last blow, which kills all, until everything is settled"] = round(settling)
    verdict.promise("… more than lease, sweep and a start", int(settling > within))
    delays = judge.delays(havoc.blows)
    verdict.figures["… and may take at most"] = round(within)
    verdict.figures["seconds until a reply was taken up whose worker had died, at most"] = round(max(delays, default=0))
    verdict.promise("… later than that", sum(late > within for late in delays))
    verdict.promise("blows not struck", havoc.missed + (0 if whole else 1))
    return verdict


def _say(words: str) -> None:
    console.print(f"{clock.local(clock.now()):%H:%M:%S} {words}", style="dim")


def _settle(havoc: Havoc, but_for: Collection[int] = ()) -> None:
    """Until nothing but these is on its way, or nothing moves any more."""
    before, since = -1, time.monotonic()
    while left := replies.unfinished(besides=but_for):
        if left != before:
            before, since = left, time.monotonic()
        elif time.monotonic() - since > STALLED:
            return
        time.sleep(0.1)
        havoc.crew.revive()


if __name__ == "__main__":
    sys.exit(main())
