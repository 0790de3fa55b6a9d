"""Single sign-on: what is sent to the identity provider, and what is believed of its answer."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from pydantic_core import from_json

from contio_mock.contract.release import R1_9
from contio_mock.contract.shared import is_email, trusted
from contio_mock.contract.wire import Fetch
from contio_mock.fake.inquiry import Asking
from contio_mock.fake.oauth import people
from contio_mock.fake.records import AppRecord, IdpConfigRecord, SsoSessionRecord, UserRecord
from contio_mock.fake.rules.domains import normalized
from contio_mock.fake.rules.id_tokens import Expected, UnbelievableError, believed
from contio_mock.fake.sandbox import Context

CALLBACK = "/v1/partner/sso/callback"
LONGEST_ERROR, LONGEST_DESCRIPTION, LONGEST_NAME = 100, 400, 255
_OK = 200


class SignInFailed(Exception):  # noqa: N818 - says what happened
    """A sign-in that cannot be believed: an error code and a sentence for the address that follows."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = _line(error, LONGEST_ERROR)
        self.description = _line(description, LONGEST_DESCRIPTION)


def _line(words: str, longest: int) -> str:
    """Somebody else's words, fit for an address and a page."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words[: 2 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in, as the identity provider says."""

    email: str
    name: str | None


def begin(ctx: Context, app: AppRecord, target: str) -> SsoSessionRecord:
    """A sign-in that waits for its callback."""
    return ctx.store.sso_sessions.insert(
        trusted(
            SsoSessionRecord,
            id=ctx.ids.opaque("sess_", 24),
            app_id=app.id,
            status="pending",
            target=target,
            state=ctx.ids.opaque("", 43),
            redirect_uri=ctx.base_url + CALLBACK,
            nonce=ctx.ids.opaque("", 22),
            code_verifier=ctx.ids.opaque("", 64),
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(minutes=ctx.profile.sso_session_minutes),
        )
    )


def authorization_url(
    ctx: Context, idp: IdpConfigRecord, session: SsoSessionRecord, login_hint: str | None
) -> str:
    """Where the browser goes (OpenID Connect Core 3.1.2.1, RFC 7636)."""
    digest = sha256(session.code_verifier.encode()).digest()
    wish = {
        "response_type": "code",
        "client_id": idp.idp_client_id,
        "redirect_uri": session.redirect_uri,
        "scope": " ".join(idp.scopes),
        "state": session.state,
        "nonce": session.nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if login_hint is not None:
        wish["login_hint"] = login_hint
    separator = "&" if "?" in idp.authorization_endpoint else "?"
    return f"{idp.authorization_endpoint}{separator}{urlencode(wish)}"


def signed_in(ctx: Context, idp: IdpConfigRecord, session: SsoSessionRecord, code: str) -> Asking:
    """The person behind a code: exchanges it, and checks the ID token; raises SignInFailed."""
    exchange = _exchange(ctx, idp, session, code)
    tokens = yield from _asked(exchange, "token endpoint")
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        hint = "" if "openid" in idp.scopes else " The scopes lack openid."
        raise SignInFailed("invalid_id_token", f"The token endpoint gave no ID token.{hint}")
    keys = yield from _asked(Fetch("GET", idp.jwks_uri, {"accept": "application/json"}), "JWKS")
    expected = Expected(idp.issuer, idp.idp_client_id, session.nonce, _time_there(ctx, exchange))
    try:
        claims = believed(id_token, keys, expected)
    except UnbelievableError as wrong:
        raise SignInFailed("invalid_id_token", f"The ID token cannot be believed: {wrong}.") from None
    wanted, access = idp.claim_mappings.get("email", "email"), tokens.get("access_token")
    if not isinstance(claims.get(wanted), str) and idp.userinfo_endpoint and isinstance(access, str):
        said = yield from _asked(_user_info(idp.userinfo_endpoint, access), "userinfo endpoint")
        if said.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
            raise SignInFailed("idp_error", "The identity provider's userinfo endpoint speaks of another.")
        claims = {**claims, **said}
    return _person(ctx, idp, claims)


def _time_there(ctx: Context, exchange: Fetch) -> float:
    """The moment that an ID token's times are held against, in seconds since 1970."""
    date = exchange.reply.header("date") if exchange.reply is not None else None
    if ctx.profile.sso_token_clock == "provider" and date is not None:
        try:
            return parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            pass
    return ctx.now.timestamp()


def _exchange(ctx: Context, idp: IdpConfigRecord, session: SsoSessionRecord, code: str) -> Fetch:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": session.redirect_uri,
        "code_verifier": session.code_verifier,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    if "client_secret_basic" in idp.token_endpoint_auth_methods:
        pair = f"{quote(idp.idp_client_id, safe='')}:{quote(idp.idp_client_secret, safe='')}"
        headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": idp.idp_client_id, "client_secret": idp.idp_client_secret}
    return Fetch("POST", idp.token_endpoint, headers, urlencode(form).encode())


def _user_info(url: str, access_token: str) -> Fetch:
    return Fetch("GET", url, {"accept": "application/json", "authorization": f"Bearer {access_token}"})


def _asked(question: Fetch, what: str) -> Asking:
    """The JSON object that the identity provider answers; raises SignInFailed."""
    reply = yield question
    if reply.reply is None:
        raise SignInFailed(
            "idp_unreachable", f"The identity provider's {what} gave no answer: {reply.error}."
        )
    try:
        said = from_json(bytes(reply.reply.body))
    except ValueError:
        said = None
    if reply.reply.status != _OK:
        told = said if isinstance(said, dict) else {}
        words = told.get("error_description") or told.get("error") or f"status {reply.reply.status}"
        raise SignInFailed("idp_error", f"The identity provider's {what} refused: {words}.")
    if not isinstance(said, dict):
        raise SignInFailed("idp_error", f"The identity provider's {what} answered no JSON object.")
    return said


def _person(ctx: Context, idp: IdpConfigRecord, claims: dict[str, Any]) -> Person:
    email = claims.get(idp.claim_mappings.get("email", "email"))
    name = claims.get(idp.claim_mappings.get("name", "name"))
    if not isinstance(email, str) or not is_email(email):
        scopes = " ".join(idp.scopes)
        raise SignInFailed(
            "missing_email", f"The identity provider named no e-mail address for the scopes {scopes}."
        )
    if claims.get("email_verified") in (False, "false") and ctx.profile.sso_unverified_email == "refuse":
        raise SignInFailed("email_not_verified", f"The identity provider has not verified {email}.")
    return Person(email, _line(name, LONGEST_NAME) or None if isinstance(name, str) else None)


def admitted(ctx: Context, app: AppRecord, idp: IdpConfigRecord, person: Person) -> UserRecord:
    """The user that a person is here; raises SignInFailed."""
    domain = normalized(person.email.rpartition("@")[2])
    if idp.mode == "strict" and not _is_allowed(ctx, app, idp, domain):
        raise SignInFailed("domain_not_allowed", f"Addresses of {domain} cannot sign in here.")
    user = people.user_by_email(ctx, person.email)
    if user is not None and people.is_connected(ctx, app, user):
        return user
    if ctx.profile.sso_provisioning == "connected_only":
        raise SignInFailed("user_not_connected", f"{person.email} has not connected to {app.name} yet.")
    user = people.known_or_new(ctx, app, person.email, person.name)
    people.connect(ctx, app, user, ())
    return user


def _is_allowed(ctx: Context, app: AppRecord, idp: IdpConfigRecord, domain: str | None) -> bool:
    """Whether a domain is listed and, where that can be, still verified."""
    if domain is None or domain not in (idp.allowed_email_domains or ()):
        return False
    if ctx.sandbox.release < R1_9:
        return True
    mine = ctx.store.domains.last("app_domain", f"{app.id}/{domain}")
    return mine is not None and mine.status == "verified"
