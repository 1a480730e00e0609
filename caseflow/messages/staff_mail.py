"""Mail to staff: the same outbox, but about no case.

    staff_mail.put(staff, purpose="mention", subject=_l("…"), body=_l("… %(name)s", name=…), link=url, now=now)

Texts may be lazy: they are said in the person's language. It is retried, shown and alarmed like any other message; one
that fails for good is on the list of deliveries of whoever manages accounts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow.database import db
from caseflow.messages import about_no_case, outbox
from caseflow.messages.models import Message

# By its columns and not by its model: the room that has the municipality stands above this one.
_HOUSE = sa.text("SELECT name, email, mailbox, theme, languages[1] AS language FROM municipality WHERE id = 1")


class Addressee(Protocol):
    """What is read of an account."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str | None: ...


def put(
    staff: Addressee,
    *,
    purpose: str,
    subject: object,
    body: object,
    now: datetime,
    link: str | None = None,
    nonce: str | None = None,
) -> Message:
    """Put a mail to this person in the running unit of work; a worker is rung once that is committed.

    `purpose` is one of models.TO_STAFF. `link` is a whole address, shown under the text. With a `nonce` the link ends
    with its token (see sealed_links), which is made when the mail is.
    """
    house: Any = db.session.execute(_HOUSE).one()
    language = staff.language or house.language
    with force_locale(language):
        said, about = str(body), str(subject)
        frame = about_no_case.framed(
            house,
            greeting=_("Hello %(name)s,", name=staff.name),
            footer=_("This mail was sent by itself to you as a member of staff. Please do not answer it."),
            link=link or "",
            nonce=nonce or "",
        )
    return outbox.put(
        Message(
            staff_id=staff.id,
            purpose=purpose,
            channel="email",
            language=language,
            recipient={"name": staff.name, "email": staff.email},
            subject=about,
            body=said,
            frame=frame,
            header_id=about_no_case.new_header_id(house, "staff"),
            next_attempt_at=now,
            created_at=now,
        )
    )


def withdraw(nonce: str) -> None:
    """A link that no longer opens anything is not sent any more, if its mail still waits."""
    unsent = (Message.frame["nonce"].astext == nonce, Message.staff_id.is_not(None), Message.status == "queued")
    change = sa.update(Message).where(*unsent).values(status="cancelled")
    db.session.execute(change, execution_options={"synchronize_session": False})
