"""A case's checklist: from its category's template, ticked by colleagues without a conflict, asked about at the end."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases.screen import checklists
from caseflow.database import db
from tests.cases.acting import Desk, statements

LAMP = ["Läs av stolpens nummer", "Beställ lagning av entreprenören", "Kontrollera att lampan lyser"]


def steps(desk: Desk) -> dict[str, int]:
    """The texts and ids of the case's present steps, in their order."""
    rows = db.session.execute(checklists.of(desk.case())).all()
    return {row.text: row.id for row in rows if not row.removed}


def test_a_case_begins_with_its_categorys_steps_and_they_follow_the_category(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(department="sb", category="sb.belysning")
    assert list(steps(desk)) == LAMP
    desk.act(f"checklist/{steps(desk)[LAMP[0]]}", done="y")
    desk.act("checklist", text="  Ring   Rut ")
    desk.act("category", category="sb.vagar")
    roads = ["Se efter på platsen", "Märk ut det som är farligt", "Beställ lagning", "Kontrollera att det är lagat"]
    assert list(steps(desk)) == [LAMP[0], "Ring Rut", *roads]
    desk.act("category", category="sb.belysning")
    assert list(steps(desk)) == [LAMP[0], "Ring Rut", *LAMP[1:]]
    bare = desk_with(department="sb")
    assert not steps(bare)
    assert "<details>" in bare.read().split('id="checklist"')[1].split("<summary>")[0]


def test_ticking_tells_who_and_when_and_raises_no_version(desk_with: Callable[..., Desk], outsider: Staff) -> None:
    desk = desk_with(department="sb", category="sb.belysning")
    first, second, third = steps(desk).values()
    before = desk.case().version
    assert "0 of 3 done" in desk.read()
    assert desk.act(f"checklist/{first}", done="y").location.endswith(f"{desk.path}#step-{first}")
    desk.act(f"checklist/{first}", done="y")  # a double press, or a colleague's
    desk.act(f"checklist/{second}", done="y")
    desk.act(f"checklist/{second}", done="")
    desk.act(f"checklist/{third}/removal")
    desk.act(f"checklist/{first}/removal")  # what is done stays
    assert desk.act(f"checklist/{third}", done="y").status_code == 404
    desk.act("checklist", text="Ring <b>Rut</b>")
    desk.act("checklist", text="Ring <b>Rut</b>")
    for text, told in (("", "Write what is to be done."), ("x" * 201, "at most 200 characters")):
        refused = desk.act("checklist", text=text)
        assert refused.status_code == 422 and told in refused.get_data(as_text=True)
    assert desk.verbs() == ["receive", "tick", "tick", "untick", "remove_step", "add_step"]
    assert desk.case().version == before
    page = desk.read()
    for said in (
        "1 of 3 done",
        f"Karin Ek has done “{LAMP[0]}”",
        f"Karin Ek took “{LAMP[2]}” from the checklist",
        "added “Ring &lt;b&gt;Rut&lt;/b&gt;” to the checklist",
    ):
        assert said in page
    foreign = desk_with(staff=outsider, at=desk.case())
    assert foreign.act(f"checklist/{second}", done="y").status_code == 404
    other = desk_with(department="sb")
    assert other.act(f"checklist/{second}", done="y").status_code == 404  # a step of another case


def test_closing_with_steps_left_asks_once_and_loses_nothing(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(department="sb", category="sb.belysning")
    reply = {"text": "Den är lagad.", "channel": "email", "submission": "r", "close_after": "y"}
    asked = desk.act("replies", **reply)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422 and f"Not done yet: {' · '.join(LAMP)}. Close the case all the same?" in page
    assert "Den är lagad.</textarea>" in page and 'name="despite" value="y"' in page
    assert desk.verbs() == ["receive"]
    desk.act("replies", **{**reply, "close_after": ""})  # a reply alone is not asked
    assert desk.case().status == "answered"
    closure = {"resolution": "answered", "reason": ""}
    assert "Close all the same" in desk.act("closure", **closure).get_data(as_text=True)
    assert desk.act("closure", **closure, despite="y").status_code == 303
    assert desk.case().status == "closed"
    done = desk_with(department="sb", category="sb.belysning")
    for step in steps(done).values():
        done.act(f"checklist/{step}", done="y")
    assert done.act("replies", **{**reply, "submission": "s"}).status_code == 303
    assert done.case().status == "closed"


def test_a_long_checklist_costs_no_more_statements(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(department="sb", category="sb.belysning")
    for place in range(10):
        desk.act("checklist", text=f"Steg {place}")
    desk.read()
    with statements() as seen:
        desk.read()
    assert len(seen) <= 8, "\n".join(seen)


def test_it_works_in_a_browser_with_the_keyboard_at_every_width(
    browser_page: Page, desk_with: Callable[..., Desk], look: Callable[[Page, str], None]
) -> None:
    desk = desk_with(department="sb", category="sb.belysning")
    desk.open_in(browser_page)
    panel = browser_page.locator("#checklist")
    panel.get_by_role("button", name=LAMP[0]).first.focus()
    browser_page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name=LAMP[0])).to_have_attribute("aria-pressed", "true")
    panel.get_by_label("One more step").fill("Skicka bilder till försäkringsbolaget som har bett om dem två gånger")
    browser_page.keyboard.press("Enter")
    expect(panel).to_contain_text("1 of 4 done")
    browser_page.locator("#reply-text").fill("Lampan lagas i morgon.")
    browser_page.locator(".write-replies button.button").click()
    expect(browser_page.locator(".unfinished")).to_contain_text("Close the case all the same?")
    look(browser_page, "checklist")
    browser_page.locator(".write-replies button.button").click()
    expect(browser_page.locator(".case-head .badge").first).to_have_text("Closed")
