"""The channels: one file each, one line each in the registry below."""

from __future__ import annotations

from caseflow.messages.channels import email, letter, phone, sms
from caseflow.messages.channels.port import Accepted, Channel, Rejected, Unknown

REGISTRY: dict[str, Channel] = {
    "email": email,
    "phone": phone,
    "letter": letter,
    "sms": sms,
}

__all__ = ["REGISTRY", "Accepted", "Channel", "Rejected", "Unknown"]
