"""What mails about no case share: to members of staff, and to who follows a known fault."""

from __future__ import annotations

import secrets
from typing import Protocol

from caseflow.theme import Coloured, Theme


class House(Coloured, Protocol):
    """What is read of the municipality that sends them."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def mailbox(self) -> str | None: ...


def framed(house: House, *, greeting: str, footer: str, link: str, **more: object) -> dict[str, object]:
    """What stands around the words. An answer to such a mail is no errand, but a bounce of it is heard."""
    sender = {"sender_name": house.name, "sender_email": house.email, "bounces_to": house.mailbox or ""}
    return {**sender, **Theme.of(house).in_mail(), "greeting": greeting, "footer": footer, "link": link, **more}


def new_header_id(house: House, sort: str) -> str:
    """A Message-ID of the municipality's domain."""
    return f"<{sort}.{secrets.token_hex(10)}@{house.email.rpartition('@')[2]}>"
