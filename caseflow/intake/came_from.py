"""The page that somebody came from to the form, as far as it may be kept: no search words, no names, no secrets."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 300


def page_address(typed: str | None) -> str | None:
    """Scheme, host and path of a web address; None for anything else. What follows a ? or # may be personal."""
    try:
        parts = urlsplit((typed or "").strip()[:2000])
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or not (host + parts.path).isprintable():
        return None
    address = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
    return address[:LONGEST] if not any(sign in address for sign in '<>"\\ ') else None
