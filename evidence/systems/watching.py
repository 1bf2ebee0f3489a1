"""What systems that watch parcels do alike: their settings, what a key is known by, and deliveries that are signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from disputes.phrases import joined, phrase
from disputes.ports import WebhookRefused
from disputes.systems import Setting


def known_by(key: str) -> str:
    """For an API that does not say whose key it is: what cannot be turned back into it."""
    return f"key-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def creating(title: str, label: str, *, costs: str, agreed: str) -> Setting:
    """Parcels that are not watched yet may be added at the merchant's cost; off until it is switched on."""
    return Setting(
        "create_trackers",
        label,
        help=joined(
            (phrase("Only for parcels of disputed orders which {title} does not watch yet.", title=title), costs)
        ),
        required=False,
        choices=(
            ("no", phrase("No, only read what {title} already watches", title=title)),
            ("yes", phrase("Yes, {agreed}", agreed=agreed)),
        ),
    )


def creates(settings: Mapping[str, str]) -> bool:
    return settings.get("create_trackers") == "yes"


def address(api: str) -> Setting:
    return Setting(
        "address", phrase("Address"), help=phrase("Leave it empty."), required=False, example=api, address=True
    )


def event(body: bytes, title: str, *, secret: str, given: str, made: bytes) -> dict[str, Any]:
    """The delivery, once its signature is the one that was `made` of it. Raises WebhookRefused."""
    if not secret or not hmac.compare_digest(given.encode(), made):
        raise WebhookRefused(phrase("The signature does not belong to this endpoint's secret."))
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise no_event(title)
    return content


def no_event(title: str) -> WebhookRefused:
    return WebhookRefused(phrase("The body is no {title} event.", title=title))
