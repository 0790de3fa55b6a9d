"""What no source says about partner apps."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class AppOptions:
    """What an app's members may be, and what a stopped app may do."""

    stopped_app_may_call: Literal["admin", "everything", "nothing"] = option(
        "admin",
        "What may a suspended or inactive app still call?",
        "The admin API, or it could never set its status back; users' data and OAuth are closed to it.",
        "C",
    )
    stopped_app_webhooks: Literal["hold", "send"] = option(
        "hold",
        "What becomes of the webhooks of a suspended or inactive app?",
        "They are kept as when webhooks are disabled, and go out when the app is active again.",
        "C",
    )
    slug_format: Literal["url_safe", "any"] = option(
        "url_safe",
        "Which characters may a slug have?",
        "The document calls it URL-friendly: small letters, digits and hyphens between them.",
        "C",
    )
    slug_taken: Literal["reject", "accept"] = option(
        "reject",
        "May two apps have the same slug?",
        "Sign-in pages are found by it.",
        "C",
    )
    default_toolkit: Literal["any", "known"] = option(
        "any",
        "Must default_toolkit_id name a toolkit of the app?",
        "No error code for an unknown one is declared.",
        "C",
    )
    webhook_url_scheme: Literal["http", "https_or_loopback", "https"] = option(
        "http",
        "Must a webhook URL be HTTPS?",
        "A receiver under test is on this machine or its network, without a certificate.",
        "D.1",
    )
