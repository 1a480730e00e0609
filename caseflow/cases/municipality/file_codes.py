"""Codes in the municipality's file for what is new, made from its name; nobody needs to think one up."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 24


def stem(name: str) -> str:
    """ "raddning-aao" for "Räddning & ÅÄÖ"; "" where nothing is left."""
    plain = unicodedata.normalize("NFKD", name.lower())
    bare = re.sub(r"[^a-z0-9]+", "-", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return bare.strip("-")[:LONGEST].strip("-")
