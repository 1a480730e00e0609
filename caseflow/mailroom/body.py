"""What a mail says and carries: the text that a reader would read, and every other part as a file."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field
from email.message import Message
from email.policy import compat32

from caseflow.mailroom import headers, plain
from caseflow.mailroom.headers import clean

PARTS, DEPTH, FILES = 300, 30, 50
NAME_LENGTH = 120
_UNSAFE = re.compile(r'[\\/:*?"<>|\n\t]+')
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")


@dataclass(frozen=True)
class Attached:
    """A file of a mail. Its name is cleaned; its type is what the sender says, so nothing is to be believed of it."""

    name: str
    media_type: str
    content: bytes


@dataclass
class Body:
    """`texts` are the parts to be read, in order; `left_out` counts parts beyond the limits (the raw mail has them)."""

    texts: list[str] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    left_out: int = 0

    @property
    def text(self) -> str:
        return "\n\n".join(text.strip("\n") for text in self.texts if text.strip())


def body(mail: Message) -> Body:
    """Read the mail's parts. Parts that other mails write as two forms of the same text are read once."""
    found = _read(mail, 0)
    return Body(found.texts, found.files[:FILES], found.left_out + len(found.files[FILES:]))


def _read(part: Message, depth: int) -> Body:
    children = _children(part)
    if children is None or depth >= DEPTH:
        return _leaf(part)
    found = [_read(child, depth + 1) for child in children[:PARTS]]
    whole = Body(left_out=len(children[PARTS:]) + sum(one.left_out for one in found))
    whole.files = [file for one in found for file in one.files]
    if part.get_content_subtype() == "alternative":
        whole.texts = _best(children, found)
    else:
        whole.texts = [text for one in found for text in one.texts]
    return whole


def _children(part: Message) -> list[Message] | None:
    """The parts of a multipart; None for what is one thing, a forwarded mail among them."""
    return inner_parts(part) if part.get_content_maintype() == "multipart" else None


def inner_parts(part: Message) -> list[Message] | None:
    """What the part is made of; None when it is text or bytes (which the library would decode as the mail says)."""
    payload = part.get_payload() if part.is_multipart() else None
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else None


def _best(children: list[Message], found: list[Body]) -> list[str]:
    """Of several forms of one text the plain one, unless it says nothing."""
    order = sorted(zip(children, found, strict=False), key=lambda pair: pair[0].get_content_type() != "text/plain")
    return next((one.texts for _, one in order if one.text), [])


def _leaf(part: Message) -> Body:
    kind, name = part.get_content_type(), _name(part)
    if kind in ("text/plain", "text/html") and not name and part.get_content_disposition() != "attachment":
        return Body(texts=[_text(part, kind)])
    found = content(part)
    if not found and not name:
        return Body()
    media_type = kind if _TYPE.fullmatch(kind) else "application/octet-stream"
    return Body(files=[Attached(name or _unnamed(media_type), media_type, found)])


def _text(part: Message, kind: str) -> str:
    text = plain.decode(content(part), _parameter(part, "charset"))[: plain.LENGTH]
    if kind == "text/html":
        return plain.from_html(text)
    if _parameter(part, "format").lower() == "flowed":
        return plain.unflow(text, delete_space=_parameter(part, "delsp").lower() == "yes")
    return text


def content(part: Message) -> bytes:
    """The part's bytes, decoded; of a mail within the mail, the mail. Broken base64 gives what can be made of it."""
    try:
        inner = inner_parts(part)
        if inner is not None:
            whole = inner[0] if inner and part.get_content_type() == "message/rfc822" else part
            return whole.as_bytes(policy=compat32)
        found = part.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""
    except Exception:  # what the library cannot put together again is still in the mail as it came
        return b""


def _name(part: Message) -> str:
    try:
        return safe_name(headers.decoded(part.get_filename() or ""))
    except Exception:
        return ""


def safe_name(given: str) -> str:
    """A file name without folders, signs that file systems mind, and a hidden beginning; short, with its ending."""
    bare = " ".join(_UNSAFE.sub("_", clean(given)).split()).strip(". _")
    stem, dot, ending = bare.rpartition(".")
    if len(bare) <= NAME_LENGTH or not dot or len(ending) > 10:
        return bare[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"


def _unnamed(media_type: str) -> str:
    ending = {"message/rfc822": ".eml", "application/pkcs7-mime": ".p7m"}.get(media_type)
    return f"{media_type.partition('/')[0]}{ending or mimetypes.guess_extension(media_type) or '.bin'}"


def _parameter(part: Message, name: str) -> str:
    """A parameter of the content type; "" when there is none or it cannot be read."""
    try:
        value = part.get_param(name) or ""
        return value[2] if isinstance(value, tuple) else str(value)
    except Exception:
        return ""
