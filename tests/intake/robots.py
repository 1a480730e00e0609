"""Robots at the door, and people among them: what each sends, and what became of it.

python -m bench.robots 10000      the same with as many as one likes
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow.intake import stamps
from tests.intake.conftest import filled, token_in

# What the limits let through however many come: ten from one place, two of the same words, three with one page.
LEAST = 10 + 2 + 3


@dataclass(frozen=True)
class Robot:
    """How one sort of robot fills in its n-th form, and from which address. `visits`: it has looked at the page."""

    name: str
    fields: Callable[[int], dict[str, object]]
    address: Callable[[int], str]
    visits: bool = True


def _everywhere(number: int) -> str:
    return f"10.{number // 65025 % 255}.{number // 255 % 255}.{number % 255}"


def _words(number: int) -> dict[str, object]:
    return {"description": f"Nr {number}: {uuid.uuid4().hex} är ett bra pris för er kommun."}


def robots(stamp: str) -> list[Robot]:
    """Each sort; `stamp` is of a page made some seconds ago."""
    one, many = (lambda _number: "192.0.2.7"), _everywhere
    links = " ".join(f"https://{word}.example.com" for word in ("a", "b", "c"))
    return [
        Robot("blind: has never seen the page", _words, many, visits=False),
        Robot("hasty: sends at once", lambda n: {**_words(n), "stamp": stamps.new()}, many),
        Robot("thorough: fills in every field", lambda n: {**_words(n), "homepage": "x"}, many),
        Robot("advertiser: three links", lambda n: {"description": f"{n} {uuid.uuid4().hex} {links}"}, many),
        Robot("parrot: the same words from everywhere", lambda _n: {"description": "Köp våra fina däck nu."}, many),
        Robot("flooder: other words from one place", _words, one),
        Robot("replayer: one page sent again and again", lambda n: {**_words(n), "stamp": stamp}, many),
    ]


def patient(client: FlaskClient, number: int) -> Iterator[tuple[str, TestResponse]]:
    """All sorts of robots by turns, `number` of them, each with a page that it has looked at for long enough."""
    token = token_in(client.get("/new"))
    made = [stamps.new() for _one in range(number)]
    sorts = robots(made[0])
    yield "ready", client.get("/")  # the caller lets time pass
    for turn in range(number):
        robot = sorts[turn % len(sorts)]
        seen = {"csrf_token": token, "stamp": made[turn]} if robot.visits else {}
        form = {**filled(), **seen, **robot.fields(turn)}
        yield robot.name, client.post("/new", data=form, environ_overrides={"REMOTE_ADDR": robot.address(turn)})


def fate(answer: TestResponse) -> str:
    """What became of it: `passed` as a case, `held` for a person, `asked` to press again, `slowed` down, `refused`."""
    if answer.status_code == 303:
        return "held" if "/waiting/" in answer.location else "passed"
    return {422: "asked", 429: "slowed", 400: "refused"}[answer.status_code]


def tally(answers: Iterator[tuple[str, TestResponse]]) -> Counter[tuple[str, str]]:
    return Counter((name, fate(answer)) for name, answer in answers)
