"""What no source says about webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contio_mock.fake.options import option


@dataclass(frozen=True, kw_only=True)
class WebhookOptions:
    """Deliveries and their retries."""

    webhook_timeout_seconds: float = option(
        5.0, "How long may a receiver take?", "The README asks for an answer within 5 s.", "N.29"
    )
    webhook_retry_schedule: tuple[int, ...] = option(
        (30, 300, 1800, 7200),
        "After how many seconds is a failed delivery tried again?",
        "Five attempts with growing delay; then the delivery is abandoned.",
        "N.28",
    )
    webhook_success: Literal["2xx", "200"] = option(
        "2xx", "Which answers count as success?", "The usual rule.", "D.1"
    )
    webhook_redirects: Literal["fail", "follow"] = option(
        "fail", "Is a redirect of a receiver followed?", "A signed body goes to no other place.", "D.1"
    )
