"""The checkers, one function each: what they find wrong, in words; nothing when all is well."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.accessibility.house import LANGUAGES, House
from tests.browser import FLAGS, NAMES

HERE = Path(__file__).parent
TOOLS = HERE / "node_modules"
AXE = TOOLS / "axe-core" / "axe.min.js"
LOOKS = HERE / "looks.js"
VNU = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
LIGHTHOUSE = TOOLS / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SPEED = "machine"  # Lighthouse's benchmark index
# How much slower the processor is made, by that index at least: the table of Lighthouse's docs/throttling.md, so that
# every machine is judged as the telephone that is meant and not as a slower one.
SLOWER = ((1500, 4), (800, 2), (0, 1))
# What is secret must not be found by search engines, and is told so.
SECRET = "is-crawlable"
REFLOW = 320  # CSS pixels: 1280 at 400 % (WCAG 1.4.10)
# "Slow 2G" at its better end: 250 kbit/s down, 50 up, 300 ms there and back.
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 250_000 / 8, "uploadThroughput": 50_000 / 8}
RUNS = 3
PRESSES = 250  # of Tab: no page has so many places
PATIENCE = 2000  # ms from the first byte


def missing() -> list[str]:
    """What this machine lacks."""
    wanted = {"node": "Node.js 18.16 or newer", "npm": "npm", "java": "Java 17 or newer"}
    lacking = [words for name, words in wanted.items() if not shutil.which(name)]
    if not any(map(shutil.which, NAMES)):
        lacking.append("Chromium")
    return lacking


def fetched(house: House, path: str, language: str) -> str:
    """A page's HTML as a browser gets it."""
    asked = urllib.request.Request(
        house.address + path.format(language=language), headers={"Cookie": f"language={language}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refusal:
        return str(refusal.read().decode())


def html(house: House) -> list[str]:
    """The Nu HTML checker, errors and warnings alike, over every page in every language."""
    with tempfile.TemporaryDirectory() as folder:
        for name, path in house.pages.items():
            for language in LANGUAGES:
                (Path(folder) / f"{name.replace(' ', '-')}-{language}.html").write_text(fetched(house, path, language))
        argv = ["java", "-jar", str(VNU), "--format", "json", folder]
        said = subprocess.run(argv, capture_output=True, text=True, check=False).stderr
    return [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in json.loads(said)["messages"]]


@contextmanager
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, NAMES)))
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def pages(house: House) -> dict[str, list[str]]:
    """axe in both schemes, reflow, text spacing, motion and the keyboard, on every page in every language."""
    found: dict[str, list[str]] = {name: [] for name in (*(check.__name__[1:] for check in CHECKS), "console")}
    with browser() as chromium:
        for language in LANGUAGES:
            context = chromium.new_context(base_url=house.address, reduced_motion="reduce", has_touch=True)
            context.add_cookies([{"name": "language", "value": language, "url": house.address}])
            page = context.new_page()
            page.on("console", partial(_overheard, found["console"]))
            for name, path in house.pages.items():
                page.goto(path.format(language=language))
                page.evaluate(LOOKS.read_text(encoding="utf-8"))
                where = f"{name}, {language}"
                for check in CHECKS:
                    found[check.__name__[1:]] += [f"{where}: {wrong}" for wrong in check(page)]
            context.close()
    return found


def _overheard(found: list[str], said: ConsoleMessage) -> None:
    """What the browser complains of, but for the page that is not there on purpose."""
    if said.type in ("error", "warning") and "404" not in said.text:
        found.append(said.text)


def _axe(page: Page) -> Iterator[str]:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        result = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        yield from (f"{scheme}: {one['id']}: {one['nodes'][0]['target']}" for one in result["violations"])
    page.emulate_media(color_scheme="light")


def _reflow(page: Page) -> Iterator[str]:
    page.set_viewport_size({"width": REFLOW, "height": 256})
    yield from _sideways(page)


def _sideways(page: Page) -> Iterator[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > page.viewport_size["width"]:
        yield f"scrolls sideways: {wide} px"


def _spacing(page: Page) -> Iterator[str]:
    """Nothing is cut off, nothing scrolls sideways."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("looks.spaced()")
    yield from _sideways(page)
    yield from (f"cut off: {one}" for one in page.evaluate("looks.cutOff()"))
    page.evaluate("looks.plain()")


def _motion(page: Page) -> Iterator[str]:
    """The context asks for reduced motion."""
    if moving := page.evaluate("document.getAnimations().length"):
        yield f"{moving} things move"


def _keyboard(page: Page) -> Iterator[str]:
    """Tab reaches everything that can be pressed, shows where one is, and leads out again."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.activeElement.blur()")
    for _press in range(PRESSES):
        page.keyboard.press("Tab")
        unringed = page.evaluate("looks.focused()")
        if unringed is None:
            break
        if unringed:
            yield f"no ring: {unringed}"
    else:
        yield "one does not come out again"
    yield from (f"not reached: {one}" for one in page.evaluate("looks.notReached()"))


def _forced(page: Page) -> Iterator[str]:
    """Colours that the reader has chosen, instead of all of ours."""
    page.emulate_media(forced_colors="active")
    yield from (f"not to be seen: {one}" for one in page.evaluate("looks.unseen()"))
    page.emulate_media(forced_colors="none")


CHECKS = (_axe, _reflow, _spacing, _motion, _keyboard, _forced)


def lighthouse(house: House) -> dict[str, dict[str, int]]:
    """Of the judged pages in every language, as a telephone: four scores, 100 the most, and how fast the machine was.

    The line and the telephone are reckoned (Lighthouse's simulated throttling), so the scores hang on how long the
    page's own work took here. It is measured three times on a server that has shown the page before; the median counts.
    """
    slower = calibrated(house)
    found = {}
    for name in house.judged:
        for language in LANGUAGES:
            for _warm in range(2 * RUNS):
                fetched(house, house.pages[name], language)
            found[f"{name}, {language}"] = _median(house, name, language, slower)
    return found


def calibrated(house: House) -> int:
    """How much slower the processor is to be made here."""
    indices = [_scores(house.address + "/", "sv", CATEGORIES[:1], slower=1)[SPEED] for _run in range(RUNS)]
    slower = next(times for least, times in SLOWER if sorted(indices)[RUNS // 2] >= least)
    print(f"Lighthouse's benchmark index is {indices} here: the processor is made {slower} times slower")
    return slower


def _median(house: House, name: str, language: str, slower: int) -> dict[str, int]:
    address, secret = house.address + house.pages[name], name == "own page"
    first = _scores(address, language, CATEGORIES, secret=secret, slower=slower)
    more = [_scores(address, language, CATEGORIES[:1], secret=secret, slower=slower) for _run in range(1, RUNS)]
    steady = {"performance": sorted(row["performance"] for row in (first, *more))[RUNS // 2]}
    speeds = [row[SPEED] for row in (first, *more)]
    print(f"Lighthouse, {name}, {language}: {[row['performance'] for row in (first, *more)]} at {speeds}", flush=True)
    return {**first, **steady, SPEED: sorted(speeds)[RUNS // 2]}


def _scores(
    address: str, language: str, categories: tuple[str, ...], *, secret: bool = False, slower: int
) -> dict[str, int]:
    path = next(filter(None, map(shutil.which, NAMES[1:])), None) or shutil.which(NAMES[0])
    argv = ["node", str(LIGHTHOUSE), address, "--output=json", "--quiet", f"--only-categories={','.join(categories)}"]
    argv += [
        f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        f"--throttling.cpuSlowdownMultiplier={slower}",
        "--extra-headers",
        json.dumps({"Cookie": f"language={language}"}),
    ]
    argv += [f"--skip-audits={SECRET}"] if secret else []
    environ = {**os.environ, "CHROME_PATH": str(path)}
    for _try in range(2):  # a busy machine may start no browser in time
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environ)
        if not done.returncode:
            break
    else:
        raise SystemExit(f"Lighthouse failed on {re.sub('/case/.*', '/case/…', address)}: {done.stderr[-800:]}")
    report = json.loads(done.stdout)
    if folder := os.environ.get("CASEFLOW_REPORTS"):
        (Path(folder) / f"{re.sub('[^a-z]', '', address[22:])[:12] or 'start'}-{language}.json").write_text(done.stdout)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in categories}
    return {**scores, SPEED: round(report["environment"]["benchmarkIndex"])}


def on_2g(house: House) -> dict[str, float]:
    """Milliseconds from the first byte of the form: until it is painted and whole, and until its scripts have run."""
    with browser() as chromium:
        page = chromium.new_context(base_url=house.address).new_page()
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW)
        page.goto("/new", wait_until="load")
        page.wait_for_selector("#errand .send")
        page.evaluate(LOOKS.read_text(encoding="utf-8"))
        times = page.evaluate("looks.usable()")
    return {"painted and whole": times[0], "with its scripts": times[1]}
