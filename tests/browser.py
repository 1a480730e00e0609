"""Real Chromium against the real app on a loopback port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import nursery

# The shell is Chromium without its windows: it starts and draws in half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One site on one small machine: processes that would keep sites apart cost half of what drawing a page does.
    "--no-zygote",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,Translate,MediaRouter",
]
WAYS_TO_GET_ONE = (
    ["apt-get", "install", "-y", "--no-install-recommends", "chromium-headless-shell"],
    ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    [sys.executable, "-m", "playwright", "install", "chromium"],
)
WIDTHS = {390: 844, 1280: 900}
# What axe looks for: everything but contrast once, and contrast in both schemes.
# Stylesheets fetched anew serve no rule that we run; what is well is not described.
SWIFT = {"reporter": "no-passes", "resultTypes": ["violations"], "preload": False}
ALL = {**SWIFT, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**SWIFT, "runOnly": ["color-contrast"]}
# Contrast is most of axe's work. What stands at the same place under the same stylesheets, with the same classes and
# states all the way up, has the same colours: it is measured once in a run of the tests. This finds what says something
# by a number for its place, and keeps it for axe.
FIND = """() => {
  const besides = /^(href|src|value|name|for|action|title|alt|d|datetime|placeholder|lang|aria-label(ledby)?)$/;
  const told = (it) => it.localName + [...it.attributes].filter((one) => !besides.test(one.name))
    .map((one) => `[${one.name}=${one.value}]`).join("").replace(/[0-9]+/g, "0");
  const hashed = (text, seed) => {  // 53 bits of two rounds of FNV-like mixing
    let a = 0xdeadbeef ^ seed, b = 0x41c6ce57 ^ Math.floor(seed / 4294967296);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    return 4294967296 * (2097151 & (b ^ (a >>> 16))) + ((a ^ (b >>> 13)) >>> 0);
  };
  const sheets = hashed([...document.styleSheets].map((sheet) => sheet.href).join(" ").replace(/:[0-9]+/g, ""), 0);
  const places = new Map();
  const place = (it) => {
    if (!it) return sheets;
    if (!places.has(it)) places.set(it, hashed(told(it), place(it.parentElement)));
    return places.get(it);
  };
  window.foundByPlace = new Map();
  for (const it of document.body.querySelectorAll("*")) {
    const speaks = [...it.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!(speaks || it.matches("input, select, textarea")) || !it.checkVisibility()) continue;
    if (!window.foundByPlace.has(place(it))) window.foundByPlace.set(place(it), it);
  }
  return [...window.foundByPlace.keys()];
}"""
MEASURE = "([rules, places]) => axe.run({ include: places.map((it) => window.foundByPlace.get(it)) }, rules)"
AXE = Axe().axe_script
REQUIRED = os.environ.get("CASEFLOW_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser; where none is to be had the tests that need one are skipped, or fail when one is required."""
    with sync_playwright() as playwright:
        for get_one in (None, *WAYS_TO_GET_ONE):
            if get_one and (shutil.which(get_one[0]) or Path(get_one[0]).exists()):
                subprocess.run(get_one, capture_output=True, timeout=300, check=False)
            path = next(filter(None, map(shutil.which, NAMES)), None)
            try:
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            except Error:
                continue
            yield browser
            browser.close()
            return
        (pytest.fail if REQUIRED else pytest.skip)("no Chromium was found or could be installed: BROWSER TEST NOT RUN")


class Handler(WSGIRequestHandler):
    """Keeps a browser's lines open. The app writes its own line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


@pytest.fixture(scope="session")
def live_server(whole_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, whole_app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def live_url(app: Flask, live_server: str) -> Iterator[str]:
    """The address of the app as a browser reaches it; links in messages point there too."""
    before, app.config["BASE_URL"] = app.config["BASE_URL"], live_server
    yield live_server
    app.config["BASE_URL"] = before


def open_context(chromium: Browser, url: str, **options: Any) -> BrowserContext:
    context = chromium.new_context(base_url=url, locale="sv-SE", viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(10_000)
    return context


@pytest.fixture(scope="session")
def one_context(chromium: Browser, live_server: str) -> Iterator[BrowserContext]:
    """One for all tests, one after the other: what a page needs besides itself is fetched and compiled once."""
    context = open_context(chromium, live_server)
    yield context
    context.close()


@pytest.fixture(scope="session")
def one_scriptless_context(chromium: Browser, live_server: str) -> Iterator[BrowserContext]:
    context = open_context(chromium, live_server, java_script_enabled=False)
    yield context
    context.close()


def clear(context: BrowserContext, url: str) -> None:
    """Nothing that a test left is there for the next; only files that never change stay in the cache."""
    context.set_offline(False)
    context.clear_permissions()
    context.set_geolocation(None)
    for number, page in enumerate(context.pages):
        if number == 0:
            with suppress(Error):  # it has crashed, or goes elsewhere at this moment
                line = context.new_cdp_session(page)
                line.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "local_storage,indexeddb"})
        page.close()
    context.clear_cookies()


@pytest.fixture
def browser_context(one_context: BrowserContext, live_url: str) -> Iterator[BrowserContext]:
    yield one_context
    clear(one_context, live_url)


@pytest.fixture
def browser_page(browser_context: BrowserContext) -> Iterator[Page]:
    yield from watched(browser_context)


@pytest.fixture
def clock_page(chromium: Browser, live_url: str) -> Iterator[Page]:
    """A page whose clock the test moves: a context never gets its own clock back."""
    context = open_context(chromium, live_url)
    yield from watched(context)
    context.close()


def watched(context: BrowserContext) -> Iterator[Page]:
    """A page in which nothing may go wrong unseen: script errors and CSP violations fail the test."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert wrong == []


@pytest.fixture
def scriptless(one_scriptless_context: BrowserContext, live_url: str) -> Iterator[Page]:
    """A page in a browser with JavaScript off."""
    yield one_scriptless_context.new_page()
    clear(one_scriptless_context, live_url)


@pytest.fixture(scope="session")
def measured() -> Path:
    """Where on a page colours were measured already in both schemes, by whichever process of this run."""
    return nursery.folder("colours") / "measured"


@pytest.fixture
def look(measured: Path) -> Callable[[Page, str], None]:
    """Pictures of the page at both widths, light and dark, when CASEFLOW_SHOTS names a folder; axe finds nothing."""

    def shoot(page: Page, name: str) -> None:
        folder = os.environ.get("CASEFLOW_SHOTS")
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        for scheme in ("light", "dark") if folder else ():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=Path(folder or "") / f"{name}-{width}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not sideways, f"{name} scrolls sideways at {width} px"
        nothing(page.evaluate("rules => axe.run(rules)", ALL))
        contrast(page)

    def contrast(page: Page) -> None:
        known = set(measured.read_text().split()) if measured.exists() else set()
        fresh = [place for place in page.evaluate(FIND) if f"{place:.0f}" not in known]
        if fresh:
            nothing(page.evaluate(MEASURE, [CONTRAST, fresh]))
            page.emulate_media(color_scheme="dark")
            nothing(page.evaluate(MEASURE, [CONTRAST, fresh]))
            page.emulate_media(color_scheme="light")
            with measured.open("a") as notes:
                notes.write("".join(f"{place:.0f}\n" for place in fresh))

    def nothing(found: dict[str, Any]) -> None:
        results = AxeResults(found)
        assert results.violations_count == 0, results.generate_report()

    return shoot
