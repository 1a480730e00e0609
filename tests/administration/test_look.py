"""The municipality's colours, logo and words: tried out, refused where they cannot be read, and then on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Page, expect

from caseflow import clock, theme
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory, exporting
from caseflow.database import unit_of_work
from caseflow.messages import about_no_case, staff_mail
from caseflow.messages.models import Message
from tests.administration.conftest import HOME, Administrator, said
from tests.administration.test_parts import stored
from tests.cases.entering import enter

SITE = Path(__file__).parent.parent.parent / "caseflow" / "static" / "site.css"
EVIL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script>
<image href="https://elsewhere.example/x.png"/><path d="M0 0h9v9z"/></svg>"""


def test_what_a_theme_is_measured_against_is_what_the_pages_stand_on() -> None:
    light, dark = SITE.read_text(encoding="utf-8").split("prefers-color-scheme: dark", 1)
    for text, ground, palette in (
        (light, theme.LIGHT, theme.SPRUCE),
        (dark.split("}\n}", 1)[0], theme.DARK, theme.SPRUCE_IN_THE_DARK),
    ):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))
        assert (tokens["paper"], tokens["desk"], tokens["ink"], tokens["quiet"]) == (
            *(ground.paper, ground.desk, ground.ink, ground.quiet),
        )
        for name, value in re.findall(r"--([\w-]+):(#[0-9a-f]{6});", palette.as_css()):
            assert tokens[name] == value


@pytest.mark.parametrize("accent", ["#005aa0", "#5b2a86", "#ffd200", "#e30613", "#ffffff", "#777777", "#000000"])
def test_the_colour_that_is_offered_instead_can_be_read_and_so_can_the_one_made_for_the_dark(accent: str) -> None:
    near = theme.nearest(accent, theme.LIGHT, theme.TEXT)
    assert theme.check(near, theme.LIGHT) == near
    made = theme.of_colours(near, "")
    assert all(one.easy for one in theme.measured(made.dark.accent, theme.DARK) if one.what == "Länkar")
    assert theme.check(made.dark.accent, theme.DARK) == made.dark.accent
    assert theme.Theme.from_dict({"accent": near}) == made


@pytest.mark.parametrize(
    ("typed", "colour"),
    [("0B5D52", "#0b5d52"), (" #abc ", "#aabbcc"), ("rgb(11, 93, 82)", "#0b5d52"), ("navy", "#000080")]
    + [(wrong, None) for wrong in ("red;}", "#12", "#0b5d5280", "transparent", "url(x)", "color(display-p3 1 0 0)")],
)
def test_a_colour_is_understood_however_it_is_written(typed: str, colour: str | None) -> None:
    if colour:
        assert theme.colour(typed) == colour
    else:
        with pytest.raises(ValueError, match="#0b5d52"):
            theme.colour(typed)


def test_colours_are_refused_with_what_was_measured_and_then_stand_on_pages_in_mails_and_on_letters(
    ada: Administrator, client: FlaskClient, resident_case: Callable[..., Case], clerk: Staff
) -> None:
    assert "theme.css" not in client.get("/").text and "#0b5d52" in client.get("/feedback.js").text
    refused = ada.change("/part/theme", theme__accent="#00aa55", theme__dark="#404040")
    told = said(refused)
    assert refused.status_code == 422
    assert "Links: the contrast is 2.7 to 1, and at least 4.5 to 1 is needed. #00803f would do." in told
    assert 'value="#00aa55"' in told and 'value="#404040"' in told and told.count("too little") >= 2
    assert "colours.css?accent=%2300aa55&dark=%23404040" in told
    ada.client.set_cookie("language", "sv")
    assert "kontrasten är 2,7 till 1, och minst 4,5 till 1 behövs" in said(
        ada.change("/part/theme", theme__accent="0a5")
    )
    assert "--accent:#123456" in ada.client.get(f"{HOME}/colours.css?accent=123456&dark=").text
    assert ada.client.get(f"{HOME}/colours.css?accent=}}x&dark=").status_code == 200
    assert ada.change("/part/theme", theme__accent="RGB(0, 90, 160)").status_code == 303
    assert stored("theme") == {"theme": {"accent": "#005aa0"}}
    page = client.get("/new").text
    address = re.findall(r'href="(/theme\.css\?v=[0-9a-f]{10})"', page)[0]
    sheet = client.get(address)
    assert "--accent:#005aa0" in sheet.text and "prefers-color-scheme:dark" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "immutable" not in client.get("/theme.css?v=0123456789").headers["Cache-Control"]
    script = client.get("/feedback.js").text
    assert "#005aa0" in script and "#0b5d52" not in script
    frames = [
        message.frame for case in (resident_case(), resident_case(reply_by="letter")) for message in messages(case)
    ]
    with unit_of_work():
        told = staff_mail.put(clerk, purpose="mention", subject="", body="", now=clock.now())
    frames += [told.frame, about_no_case.framed(directory.known(), greeting="", footer="", link="")]
    assert {frame["accent"] for frame in frames} == {"#005aa0"}


def messages(case: Case) -> list[Message]:
    return list(case.messages)


def test_a_logo_is_cleaned_drawn_anew_and_shown_in_the_head_of_pages(ada: Administrator, client: FlaskClient) -> None:
    def choose(content: bytes, name: str) -> int:
        form = ada.open("/part/logo")
        file = (BytesIO(content), name)
        return ada.send("/part/logo", form, logo__alt="Ankeborgs vapen", logo__svg=file, logo__names="y").status_code

    for wrong in (b"\x89PNG\r\n\x1a\nbroken", b"GIF89a"):
        assert choose(wrong, "logo.svg") == 422
    assert client.get("/logo.svg").status_code == 404
    assert choose(EVIL.encode(), "logo.svg") == 303
    kept = stored("logo")["logo"]["svg"]
    assert "path" in kept and not re.search(r"script|onload|elsewhere", kept)
    drawn = BytesIO()
    Image.new("RGB", (2000, 500), "#005aa0").save(drawn, "PNG")
    assert choose(drawn.getvalue(), "logo.png") == 303
    page = client.get("/").text
    assert 'alt="Ankeborgs vapen"' in page
    address = re.findall(r'src="(/logo\.svg\?v=[0-9a-f]{10})"', page)[0]
    picture = client.get(address)
    assert 'width="1200"' in picture.text and "immutable" in picture.headers["Cache-Control"]
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    before = exporting.document()
    assert ada.change("/part/logo").status_code == 303
    assert exporting.document() == before


def test_hours_site_and_the_first_words_stand_where_residents_look(ada: Administrator, client: FlaskClient) -> None:
    assert "Write the web address" in said(ada.change("/part/contact", web="javascript:alert(1)"))
    assert ada.change("/part/contact", web="www.ankeborg.example", phone_hours__sv="Vardagar 8–12").status_code == 303
    assert ada.change("/part/start", start__sv="Välkommen.\nVi hjälper dig.").status_code == 303
    page = client.get("/").text
    assert 'href="https://www.ankeborg.example"' in page and "Vardagar 8–12" in page and "Vi hjälper dig." in page


def test_colours_are_tried_out_while_one_types(
    ada: Administrator, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    ada.client.set_cookie("language", "sv")
    enter(browser_page, ada.client, f"{HOME}/part/theme")
    page = browser_page
    page.get_by_label("Färg på ljus botten").fill("#ffd200")
    expect(page.locator(".sample-light .sample-ratios dd").first).to_contain_text("för lite")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("input[type=color]").first.fill("#7a1f5c")
    expect(page.get_by_label("Färg på ljus botten")).to_have_value("#7a1f5c")
    expect(page.locator(".sample-button").first).to_have_css("background-color", "rgb(122, 31, 92)")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_text("Sparat.")).to_be_visible()
    look(page, "theme")
    page.goto("/")
    look(page, "start-in-other-colours")
