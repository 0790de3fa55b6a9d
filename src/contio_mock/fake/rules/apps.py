"""What a partner app may be and do."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from contio_mock.fake.profile import Profile
from contio_mock.fake.records import AppRecord

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def is_stopped(app: AppRecord) -> bool:
    """Whether the app is suspended or inactive."""
    return app.status != "active"


def may_use_admin_api(app: AppRecord, profile: Profile) -> bool:
    """Whether the app's API key works."""
    return not is_stopped(app) or profile.stopped_app_may_call != "nothing"


def may_act_for_users(app: AppRecord, profile: Profile) -> bool:
    """Whether the app may sign users in and use their tokens."""
    return not is_stopped(app) or profile.stopped_app_may_call == "everything"


def holds_webhooks(app: AppRecord, profile: Profile) -> bool:
    """Whether the app's deliveries are kept and not sent."""
    return not app.webhook_enabled or (is_stopped(app) and profile.stopped_app_webhooks == "hold")


def slug_problem(slug: str, profile: Profile) -> str | None:
    """What is wrong with the characters of a slug."""
    if profile.slug_format == "any" or _SLUG.fullmatch(slug):
        return None
    return "slug: small letters and digits, with single hyphens between them."


def webhook_url_problem(url: str, profile: Profile) -> str | None:
    """What is wrong with a webhook URL."""
    host = _host(url)
    if host is None:
        return "webhook_url: must be an http or https URL with a host."
    if url.lower().startswith("https:") or profile.webhook_url_scheme == "http":
        return None
    if profile.webhook_url_scheme == "https_or_loopback" and _is_loopback(host):
        return None
    return "webhook_url: must be an https URL."


def _host(url: str) -> str | None:
    """The host of an absolute http URL; None when it is none."""
    if any(character <= " " for character in url):
        return None
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # such as a port that is no number
        return None
    return parts.hostname if fine else None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def failing_too_long(
    abandoned: int,
    last_success: datetime | None,
    first_failure: datetime,
    now: datetime,
    profile: Profile,
) -> str | None:
    """Why webhooks are to be disabled after a failure; None when they are not."""
    most = profile.webhook_disable_after_abandoned
    if most and abandoned >= most:
        return f"{abandoned} deliveries were abandoned"
    counted = last_success if profile.webhook_failing_counted == "last_success" else None
    hours = profile.webhook_disable_after_hours
    if hours and now - (counted or first_failure) > timedelta(hours=hours):
        return f"no delivery succeeded for more than {hours} hours"
    return None
