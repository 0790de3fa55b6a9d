"""Single sign-on: what is sent to the identity provider, and what is believed of its answer."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
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
from contio_mock.fake.sandbox import Context

CALLBACK = "/v1/partner/sso/callback"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY_SECONDS = 60
_OK = 200


class SignInFailed(Exception):  # noqa: N818 - says what happened
    """A sign-in that cannot be believed: an error code and a sentence for the address that follows."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


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
        "redirect_uri": ctx.base_url + CALLBACK,
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
    tokens = yield from _asked(_exchange(ctx, idp, session, code), "token endpoint")
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        raise SignInFailed("invalid_id_token", "The token endpoint gave no ID token.")
    keys = yield from _asked(Fetch("GET", idp.jwks_uri, {"accept": "application/json"}), "JWKS")
    claims = checked_claims(ctx, idp, session, id_token, keys)
    wanted = idp.claim_mappings.get("email", "email")
    access = tokens.get("access_token")
    if wanted not in claims and idp.userinfo_endpoint is not None and isinstance(access, str):
        said = yield from _asked(_user_info(idp.userinfo_endpoint, access), "userinfo endpoint")
        if said.get("sub") == claims["sub"]:  # OpenID Connect Core 5.3.2
            claims = {**said, **claims}
    return _person(ctx, idp, claims)


def _exchange(ctx: Context, idp: IdpConfigRecord, session: SsoSessionRecord, code: str) -> Fetch:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": ctx.base_url + CALLBACK,
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
    if not isinstance(said, dict):
        raise SignInFailed("idp_error", f"The identity provider's {what} answered no JSON object.")
    if reply.reply.status != _OK:
        words = said.get("error_description") or said.get("error") or f"status {reply.reply.status}"
        raise SignInFailed("idp_error", f"The identity provider's {what} refused: {words}.")
    return said


def checked_claims(
    ctx: Context, idp: IdpConfigRecord, session: SsoSessionRecord, id_token: str, keys: dict[str, Any]
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 3.1.3.7); raises SignInFailed."""
    from joserfc import jwt  # noqa: PLC0415 - cryptography is slow to import, and few sandboxes sign in so
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    try:
        key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type] # whatever it is, it is checked
        claims = jwt.decode(id_token, key_set, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInFailed(
            "invalid_id_token", f"The ID token is not signed by its issuer: {error}."
        ) from None
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    now, ends, issued = ctx.now.timestamp(), claims.get("exp"), claims.get("iat")
    problems = {
        "it has another issuer": claims.get("iss") != idp.issuer,
        "it is for another client": idp.idp_client_id not in named,
        "it was given to another client": claims.get("azp", idp.idp_client_id) != idp.idp_client_id,
        "its nonce is another": claims.get("nonce") != session.nonce,
        "it has no subject": not isinstance(claims.get("sub"), str),
        "it has expired": not isinstance(ends, (int, float)) or ends + LEEWAY_SECONDS < now,
        "it is not issued yet": isinstance(issued, (int, float)) and issued - LEEWAY_SECONDS > now,
    }
    wrong = next((problem for problem, present in problems.items() if present), None)
    if wrong is not None:
        raise SignInFailed("invalid_id_token", f"The ID token cannot be believed: {wrong}.")
    return dict(claims)


def _person(ctx: Context, idp: IdpConfigRecord, claims: dict[str, Any]) -> Person:
    email = claims.get(idp.claim_mappings.get("email", "email"))
    name = claims.get(idp.claim_mappings.get("name", "name"))
    if not isinstance(email, str) or not is_email(email):
        raise SignInFailed("missing_email", "The identity provider named no e-mail address.")
    if claims.get("email_verified") is False and ctx.profile.sso_unverified_email == "refuse":
        raise SignInFailed("email_not_verified", f"The identity provider has not verified {email}.")
    return Person(email, name if isinstance(name, str) and name else None)


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
