"""Real Chromium against the real app on a loopback port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from werkzeug.serving import make_server

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
SWIFT = {"resultTypes": ["violations"], "preload": False}  # stylesheets fetched anew serve no rule that we run
ALL = {**SWIFT, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**SWIFT, "runOnly": ["color-contrast"]}
# Contrast is most of axe's work. What stands at the same place under the same stylesheets, with the same classes and
# states all the way up, has the same colours: it is measured once in a run of the tests. Answers what was new, too.
MEASURE = """async ([rules, known]) => {
  const seen = new Set(known), fresh = [], ways = [];
  const besides = /^(href|src|value|name|for|action|title|alt|d|datetime|placeholder|lang|aria-label(ledby)?)$/;
  const told = (it) => it.localName + [...it.attributes].filter((one) => !besides.test(one.name))
    .map((one) => `[${one.name}=${one.value}]`).join("").replace(/[0-9]+/g, "0");
  const sheets = [...document.styleSheets].map((sheet) => sheet.href).join(" ").replace(/:[0-9]+/g, "");
  for (const it of document.body.querySelectorAll("*")) {
    const speaks = [...it.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!(speaks || it.matches("input, select, textarea")) || !it.checkVisibility()) continue;
    let way = sheets;
    for (let at = it; at; at = at.parentElement) way += "<" + told(at);
    if (!seen.has(way)) { seen.add(way); ways.push(way); fresh.push(it); }
  }
  const found = fresh.length ? await axe.run({ include: fresh }, rules) : { violations: [] };
  return [found, ways];
}"""
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


@pytest.fixture(scope="session")
def live_server(whole_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, whole_app, threaded=True)
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


@pytest.fixture
def browser_context(chromium: Browser, live_url: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live_url, locale="sv-SE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def browser_page(browser_context: BrowserContext) -> Iterator[Page]:
    """A page in which nothing may go wrong unseen: script errors and CSP violations fail the test."""
    page = browser_context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert wrong == []


@pytest.fixture
def scriptless(chromium: Browser, live_url: str) -> Iterator[Page]:
    """A page in a browser with JavaScript off."""
    context = chromium.new_context(base_url=live_url, locale="sv-SE", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def measured() -> dict[str, set[str]]:
    """Where colours were measured already, in which scheme."""
    return {"light": set(), "dark": set()}


@pytest.fixture
def look(measured: dict[str, set[str]]) -> Callable[[Page, str], None]:
    """Pictures of the page at both widths, light and dark, when CASEFLOW_SHOTS names a folder; axe finds nothing."""

    def shoot(page: Page, name: str) -> None:
        folder = os.environ.get("CASEFLOW_SHOTS")
        page.evaluate(Axe().axe_script)
        for scheme, known in measured.items():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            # Widths do not depend on the colours.
            for width, height in WIDTHS.items() if folder or scheme == "light" else ():
                page.set_viewport_size({"width": width, "height": height})
                if folder:
                    page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
                sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                assert not sideways, f"{name} scrolls sideways at {width} px"
            found, ways = page.evaluate(MEASURE, [CONTRAST, sorted(known)])
            nothing(found)
            known.update(ways)
        page.emulate_media(color_scheme="light")
        nothing(page.evaluate("rules => axe.run(rules)", ALL))

    def nothing(found: dict[str, Any]) -> None:
        results = AxeResults(found)
        assert results.violations_count == 0, results.generate_report()

    return shoot
