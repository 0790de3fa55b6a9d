"""What no source says about single sign-on."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class SsoOptions:
    """Sign-ins through a partner's identity provider."""

    sso_provisioning: Literal["connected_only", "provision"] = option(
        "connected_only",
        "May somebody sign in who has never connected to the app?",
        "The guide says that single sign-on makes no users; the callback's description says otherwise.",
        "N.40",
    )
    sso_session_minutes: int = option(
        10, "How long may a sign-in at the identity provider take?", "No source says.", "G"
    )
    sso_token_clock: Literal["provider", "sandbox"] = option(
        "provider",
        "By which clock has an ID token expired, or is it not issued yet?",
        "A sandbox's clock may stand still; a provider tells its own time with its answer (Date).",
        "G",
    )
    sso_unverified_email: Literal["refuse", "accept"] = option(
        "refuse",
        "Is an address trusted that the provider calls unverified (email_verified is false)?",
        "Anybody could sign in as anybody; a provider that says nothing is trusted.",
        "G",
    )
