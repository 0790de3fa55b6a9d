"""What no source says about webhooks."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class WebhookOptions:
    """Deliveries, their retries, and when they are given up."""

    webhook_timeout_seconds: float = option(
        5.0, "How long may a receiver take?", "The README asks for an answer within 5 s.", "N.29"
    )
    webhook_retry_schedule: tuple[int, ...] = option(
        (30, 300, 1800, 7200),
        "After how many seconds is a failed delivery tried again?",
        "Five attempts with growing delay; then the delivery is abandoned.",
        "N.28",
    )
    webhook_retry_jitter: float = option(
        0.0,
        "By which share of itself does each wait before a retry vary at random?",
        "Exact moments make tests that do not waver; 0.2 is a wait of 80 % to 120 %, drawn from the seed.",
        "N.28",
    )
    webhook_success: Literal["2xx", "200"] = option(
        "2xx", "Which answers count as success?", "The usual rule.", "D.1"
    )
    webhook_redirects: Literal["fail", "follow"] = option(
        "fail", "Is a redirect of a receiver followed?", "A signed body goes to no other place.", "D.1"
    )
    pending_disposition: Literal["required", "when_pending"] = option(
        "required",
        "Must pending_disposition be sent when webhooks are enabled again and nothing waits?",
        "The SDK says that it is required.",
        "N.31",
    )
    manual_retry_while_disabled: Literal["refuse", "send"] = option(
        "refuse",
        "Does a manual retry send a delivery while webhooks are disabled?",
        "Disabled webhooks are stored and not sent.",
        "N.27",
    )
    webhook_disable_after_abandoned: int = option(
        50, "After how many abandoned deliveries are webhooks disabled, 0 for never?", "The guide.", "D.4"
    )
    webhook_disable_after_hours: int = option(
        72,
        "How long after the last success does a failure disable webhooks, 0 for never?",
        "The guide says more than 72 hours.",
        "D.4",
    )
    webhook_abandoned_counted: Literal["since_success", "since_enabled"] = option(
        "since_success",
        "Which abandoned deliveries count?",
        "A receiver that answers now and then is not gone.",
        "D.4",
    )
    webhook_failing_counted: Literal["last_success", "first_failure"] = option(
        "last_success",
        "From when do the hours without success count?",
        "The guide says so; without any success they count from the first failure.",
        "D.4",
    )
