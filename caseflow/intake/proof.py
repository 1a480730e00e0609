"""Proof of work, where the municipality asks for it: the browser counts until a hash begins with so many zero bits.

The page's stamp is the challenge, and each opens one door once. Who has no JavaScript is not
turned away: a person looks.
"""

from __future__ import annotations

import hashlib

from caseflow import limiting


def holds(stamp: str, proof: str | None, bits: int) -> bool:
    """Whether the number was found for this stamp, and not used before."""
    if not proof or len(proof) > 12 or not (proof.isascii() and proof.isdigit()):
        return False
    digest = hashlib.sha256(f"{stamp}:{proof}".encode()).digest()
    found = int.from_bytes(digest) >> (256 - bits) == 0
    return found and not limiting.often("1/day", "proof", stamp)
