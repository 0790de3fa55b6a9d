"""What no source says about identity providers and their domains."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class IdpOptions:
    """Discovery, domains and their challenges."""

    idp_discovery: Literal["loopback", "always"] = option(
        "loopback",
        "Which discovery documents are fetched?",
        "The fake works offline: documents of this machine are read, others are made up consistently.",
        "G",
    )
    idp_https: Literal["except_loopback", "always"] = option(
        "except_loopback",
        "Must a discovery URL be https?",
        "Contio wants https; a provider that a test starts on this machine has no certificate.",
        "G",
    )
    domain_challenge_hours: int = option(
        168, "How long can a domain's challenge be met?", "The documents' examples lie a week apart.", "C"
    )
    pending_domain_limit: int = option(
        10, "How many domains of an app may wait for verification?", "429 is declared, no number.", "C"
    )
    verified_domain_restart: Literal["keep", "restart"] = option(
        "keep",
        "What does a new challenge for a verified domain do?",
        "A sign-in that works must not break because somebody pressed a button twice.",
        "C",
    )
    domain_failure_event: Literal["expiry", "check", "never"] = option(
        "expiry",
        "When is partner.idp.domain_verification_failed sent?",
        "A check before the DNS has caught up is no failure; a challenge that ran out is.",
        "G",
    )
