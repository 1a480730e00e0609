"""What a refusal means in words: from the codes that mail servers send, and from what caseflow itself writes.

RFC 5321, 4.2.3 has the three digits and RFC 3463 the enhanced codes; where both stand, the enhanced one says more.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

# What the post says of a letter that it brings back, chosen by whoever registers it.
RETURNED = {
    "moved": _l("the resident has moved"),
    "unknown_here": _l("unknown at the address"),
    "incomplete": _l("the address is not complete"),
    "refused": _l("not accepted, or not fetched"),
    "unsaid": _l("the post does not say why"),
}
WHY = {
    **RETURNED,
    "no_address": _l("the address does not exist"),
    "no_domain": _l("nobody takes mail for that address"),
    "full": _l("the mailbox is full"),
    "unwanted": _l("the mail server does not want it"),
    "too_big": _l("the mail is too big"),
    "wrong_number": _l("the number is wrong"),
    "nobody_answered": _l("nobody answered"),
    "not_delivered": _l("the telephone network did not deliver it"),
    "no_answer": _l("the connection was cut before the answer"),
}
# What is refused for these is refused again, however often it is sent.
FOR_GOOD = frozenset({"no_address", "no_domain", "too_big", "wrong_number"})
# A pattern for PostgreSQL as well: refused for a reason that lies with us or with a server, and not with the address.
NOT_THE_ADDRESS = r"(^|\s)([45]\.[357]\.[0-9]+|554)(\s|$)"

_BY_CODE = (
    (r"[45]\.(1\.2|4\.4)\b", "no_domain"),
    (r"[45]\.2\.2\b", "full"),
    (r"5\.(3\.4|2\.3)\b", "too_big"),
    (r"5\.(1\.\d+|2\.1)\b", "no_address"),
    (r"[45]\.7\.\d+", "unwanted"),
    (r"(^|\s)55[0137]\s(?!\d\.)", "no_address"),
    (r"(^|\s)552\s(?!\d\.)", "full"),
    (r"(^|\s)554\s(?!\d\.)", "unwanted"),
    (r"^wrong number$", "wrong_number"),
    (r"^nobody answered", "nobody_answered"),
    (r"telephone network did not deliver", "not_delivered"),
    (r"ended before its answer|ConnectionReset|Disconnected|TimeoutError", "no_answer"),
)


def why(error: str | None) -> str | None:
    """The reason by its name in WHY, or None when the words say nothing that we understand."""
    if error in RETURNED:
        return error
    return next((name for pattern, name in _BY_CODE if re.search(pattern, error or "")), None)


def said(error: str | None) -> str | None:
    """The words of a server, to be shown as they are; what is our own name for a reason is told in words instead."""
    ours = error in RETURNED or why(error) in ("wrong_number", "nobody_answered")
    return None if ours else error


def again_in_vain(status: str, error: str | None) -> bool:
    """Whether the same message to the same address would most likely not arrive either."""
    reason = why(error)
    return reason in FOR_GOOD or status == "returned" or (status == "bounced" and reason is None)
