"""Who may reach what: an entry for each address that names something, and the page of docs that is made of them.

The role stands at the view (`@requires`). What stands here is of which thing the address speaks, and which level in its
department opens it. An address without a thing in it needs no entry: what it lists is looked through for foreign words.

    python -m tests.reach      writes docs/permissions.md anew
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from caseflow.accounts.models import LEVELS, ROLES
from caseflow.accounts.permissions import LEVEL_OF, NEEDS, PERMISSIONS, May

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"


@dataclass(frozen=True)
class Reach:
    """`thing` is what the address names: one of the walk's. `level` is what opens it in the thing's department; `own`
    means that it is open to nobody but one person, whatever the level.

    `data` is what must be filled in for the view to look for the thing at all. `quiet`: what is closed, or is not
    there, is told on a page instead of a 404. `besides`: who may this reaches the thing in every department.
    """

    thing: str
    level: str
    data: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    besides: May | None = None


READ, HANDLE = Reach("case", "read"), Reach("case", "handle")
REACH: dict[str, Reach] = {
    "absence.end": Reach("absence", "lead"),
    "absence.take_back": Reach("absence", "own"),
    "account.end_session": Reach("session", "own"),
    "administration.bring_back": Reach("change", "all"),
    "administration.categories": Reach("department", "all"),
    "administration.create": Reach("new part", "all"),
    "administration.move": Reach("order", "all", {"code": "fraga", "step": "down"}),
    "administration.new": Reach("new part", "all"),
    "administration.part": Reach("part", "all"),
    "administration.remove": Reach("part", "all"),
    "administration.save": Reach("part", "all"),
    "calls.leave": Reach("call", "handle"),
    "calls.log": Reach("call", "handle", {"outcome": "no_answer"}),
    "calls.renew": Reach("call", "handle"),
    "calls.send_otherwise": Reach("call", "handle"),
    "calls.take": Reach("call", "handle"),
    "case.acts.assignment": HANDLE,
    "case.acts.category": HANDLE,
    "case.acts.closure": HANDLE,
    "case.acts.contact": HANDLE,
    "case.acts.notes": HANDLE,
    "case.acts.parking": HANDLE,
    "case.acts.priority": HANDLE,
    "case.acts.questions": HANDLE,
    "case.acts.reopening": HANDLE,
    "case.acts.replies": HANDLE,
    "case.acts.resumption": HANDLE,
    "case.acts.transfer": HANDLE,
    "case.attachments.download": Reach("attachment", "read"),
    "case.attachments.preview": Reach("attachment", "read"),
    "case.back_from": Reach("case", "read", quiet=True),  # to the case's page, which has its own entry
    "case.checklist.add": HANDLE,
    "case.checklist.remove": Reach("step", "handle"),
    "case.checklist.tick": Reach("step", "handle"),
    "case.dispatch.redirection": Reach("trouble", "handle"),
    "case.dispatch.resend": Reach("trouble", "handle"),
    "case.dispatch.settlement": Reach("trouble", "handle"),
    "case.known_fault.page": HANDLE,
    "case.known_fault.publish": HANDLE,
    "case.known_fault.unpublish": HANDLE,
    "case.macros.preview": Reach("case macro", "handle"),
    "case.macros.page": HANDLE,
    "case.macros.run": Reach("case macro", "handle"),
    "case.page": READ,
    "case.pulse.pulse": READ,
    "case.relations.alike": READ,
    "case.relations.answers": HANDLE,
    "case.relations.history": READ,
    "case.relations.link": HANDLE,
    "case.relations.merger": HANDLE,
    "case.relations.part": HANDLE,
    "case.relations.separation": HANDLE,
    "case.relations.unlinking": HANDLE,
    "case.suggestion.suggestion": HANDLE,
    "case.texts.choose": Reach("draft", "handle"),
    "case.texts.insertion": Reach("case text", "handle"),
    "case.texts.page": Reach("draft", "handle"),
    "case.undo.recall": Reach("trouble", "handle"),
    "case.undo.retraction": Reach("entry", "own"),
    "deliveries.handling": Reach("trouble", "handle", {"note": "I called."}),
    "deliveries.mail": Reach("mail", "read"),
    "deliveries.put_aside": Reach("mail", "handle"),
    "drafts.keep": Reach("draft", "handle"),
    "drafts.removal": Reach("draft", "handle"),
    "exports.fetch": Reach("export", "own"),
    "exports.remove": Reach("export", "own"),
    "factors.remove_passkey": Reach("passkey", "own"),
    "held_filings.let_in": Reach("held filing", "handle"),
    "held_filings.put_aside": Reach("held filing", "handle"),
    "letters.batch_pdf": Reach("batch", "handle"),
    "letters.hand_over": Reach("batch", "handle", {"way": "by_hand"}),
    "letters.manifest": Reach("batch", "handle"),
    "letters.pdf": Reach("letter", "read"),
    "letters.post": Reach("batch", "handle"),
    "letters.take_out": Reach("batch", "handle"),
    "letters.thumbnail": Reach("letter", "read"),
    "macros.change": Reach("macro", "lead", besides=May.ADMINISTER),
    "macros.edit": Reach("macro", "lead", besides=May.ADMINISTER),
    "macros.removal": Reach("macro", "lead", besides=May.ADMINISTER),
    "mails.file": Reach("mail", "handle"),
    "mails.page": Reach("mail", "handle"),
    "mails.put_on": Reach("mail", "handle", {"number": "{number}"}),
    "people.change": Reach("person", "all"),
    "people.close": Reach("person", "all"),
    "people.end_sessions": Reach("person", "all"),
    "people.end_leave": Reach("person's absence", "all"),
    "people.plan_leave": Reach("person", "all"),
    "people.reset_steps": Reach("person", "all"),
    "people.invite": Reach("person", "all"),
    "people.person": Reach("person", "all"),
    "people.reopen": Reach("person", "all"),
    "mentions.go": Reach("mention", "own"),
    "mentions.look": READ,
    "pace.following": READ,
    "registration.registered": Reach("case", "own"),
    "report_wishes.remove": Reach("report wish", "own"),
    "returns.register": Reach("letter", "handle", {"reason": "moved"}, quiet=True),
    "saved_views.edit": Reach("saved view", "lead"),
    "saved_views.move": Reach("saved view", "lead", {"step": "up"}),
    "saved_views.refilter": Reach("saved view", "lead"),
    "saved_views.removal": Reach("saved view", "lead"),
    "saved_views.rename": Reach("saved view", "lead"),
    "standard_texts.change": Reach("standard text", "lead", besides=May.ADMINISTER),
    "standard_texts.edit": Reach("standard text", "lead", besides=May.ADMINISTER),
    "standard_texts.removal": Reach("standard text", "lead", besides=May.ADMINISTER),
    "staff_mails.handling": Reach("staff mail", "all", {"note": "I told them."}),
    "staff_mails.resend": Reach("staff mail", "all"),
    "texts.mail": Reach("text", "all"),
    "texts.sheet": Reach("text", "all"),
}

# Opened by a code or by nothing at all; guarded by itself (docs/adr/0003); the walk is about staff.
LIBRARY = re.compile(r"^(static|security\..*)$")
SAY = "say who may reach it in tests/reach.py (REACH), then run: python -m tests.reach"


def staff_rules(app: Flask) -> Iterator[tuple[Rule, May]]:
    """Every address of the staff with the act that its gate asks for."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        gate = getattr(app.view_functions[rule.endpoint], "gate", None)
        if isinstance(gate, May) and not LIBRARY.match(rule.endpoint):
            yield rule, gate


def unsaid(app: Flask) -> list[str]:
    """Addresses that name something and have no entry, and entries that have no address."""
    named = {rule.endpoint: rule.rule for rule, _gate in staff_rules(app) if rule.arguments}
    missing = [f"{rule} ({endpoint}): {SAY}" for endpoint, rule in named.items() if endpoint not in REACH]
    return missing + [f"{endpoint} has no address any more: take it out of REACH" for endpoint in {*REACH} - {*named}]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def page(app: Flask) -> str:
    """docs/permissions.md as it should be: its prose, with the tables made anew."""
    text = PAGE.read_text()
    for name, table in (("acts", _acts()), ("levels", _levels()), ("addresses", _addresses(app))):
        begin, end = f"<!-- {name}: made by python -m tests.reach -->\n", f"<!-- end of {name} -->"
        before, _begin, rest = text.partition(begin)
        text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    return text


ACTS = {
    May.SEE_OWN_ACCOUNT: "change one's own password and second steps, see and end one's own sessions",
    May.SEE_CASES: "read cases, their files and letters, the queue and its export, what was not delivered",
    May.REGISTER: "file a case for a resident (it may go to a department that one does not see)",
    May.SORT_CASES: "move a case to another department, note, correct contact details, end as registered elsewhere, "
    "place mail that came in",
    May.POST_LETTERS: "print letters, mark them as posted, register those that come back",
    May.HANDLE_CASES: "take and give, answer, ask, call, plan, end, open again, send anew",
    May.SEE_PROTECTED: "reach cases of residents with protected personal data in the departments that one leads "
    "(others are named one by one, on their account)",
    May.LEAD: "look after a department: what it shares, and what is about to be late",
    May.SEE_STATISTICS: "see the figures and take them out as a file",
    May.SEE_TEXTS: "see the fixed texts of mails, SMS and letters, with made-up residents",
    May.ADMINISTER: "set up the municipality: departments, kinds, rules, texts, holidays",
    May.MANAGE_STAFF: "open, change and close accounts",
}
LEVEL_WORDS = {
    "read": "cases are shown, in lists and by their address",
    "handle": "they can be acted on, and the person can be given cases",
    "lead": "what the department shares is theirs to look after",
    "own": "nobody but who wrote, registered or opened it",
    "all": "everybody with the role: it belongs to no department",
}


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _head(*cells: str) -> str:
    return _row(*cells) + _row(*["---"] * len(cells))


def _acts() -> str:
    rows = (_row(words, *("yes" if act in PERMISSIONS[role] else "" for role in ROLES)) for act, words in ACTS.items())
    return _head("may", *ROLES) + "".join(rows)


def _levels() -> str:
    levels = (
        _row(level, LEVEL_WORDS[level], *("yes" if NEEDS[level] in PERMISSIONS[role] else "" for role in ROLES))
        for level in LEVELS
    )
    unsaid = _row("unless another is said", "", *(LEVEL_OF[role] or "none" for role in ROLES))
    return _head("level", "what it opens in its department", *ROLES) + "".join(levels) + unsaid


def _addresses(app: Flask) -> str:
    rows = (_address(rule, gate) for rule, gate in staff_rules(app))
    return _head("address", "by", "what it names", "level there", *ROLES) + "".join(rows)


def _address(rule: Rule, gate: May) -> str:
    said = REACH.get(rule.endpoint)
    address = rule.rule.replace("<", "‹").replace(">", "›").replace("int:", "").replace("path:", "")
    thing, level = (said.thing, said.level) if said else ("", "")
    level += ", or who sets up the municipality" if said and said.besides else ""
    roles = ("yes" if gate in PERMISSIONS[role] else "" for role in ROLES)
    return _row(f"`{address}`", ", ".join(methods(rule)), thing, level, *roles)


def main() -> None:
    from caseflow import create_app
    from config import Config

    nowhere = {"DATABASE_URL": "postgresql:///none", "REDIS_URL": "redis://none", "CASEFLOW_DATA": "/nonexistent"}
    told = {**nowhere, "CASEFLOW_SECRET_KEY": "only-for-the-list-of-addresses-0123456789"}
    PAGE.write_text(page(create_app(Config.from_environment(told))))


if __name__ == "__main__":
    main()
