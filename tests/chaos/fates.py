"""What the mail server does with whose mail: settled by the seed and the address alone, so that all can know it."""

from __future__ import annotations

import random

# In a thousand addresses. The rest are `fine`.
SHARES = {
    "refused": 20,  # 550 at RCPT
    "refused_late": 5,  # 554 after the mail
    "later": 40,  # 451 at the first try, then taken
    "never": 2,  # 451 at every try
    "cut_early": 10,  # hangs up at RCPT at the first try, then takes it
    "cut_late": 10,  # takes it, and hangs up instead of saying so
    "silent_early": 1,  # says nothing at RCPT
    "silent_late": 1,  # takes it, and says nothing
}
# Those whose mail must end as `failed`; what a blow hits on its way may be `unknown` instead.
REFUSED = ("refused", "refused_late", "never")


def fate(seed: int, address: str) -> str:
    """One of SHARES, or `fine`."""
    number = random.Random(f"{seed} {address}").randrange(1000)
    for name, share in SHARES.items():
        if number < share:
            return name
        number -= share
    return "fine"
