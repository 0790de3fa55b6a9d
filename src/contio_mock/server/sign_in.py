"""The hosted sign-in: e-mail address, one-time code, consent.

It holds no state of its own. It calls the same JSON operations that Contio's own sign-in calls, in
the same process, and carries the authorization request along in the query of its pages.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from starlette.responses import Response

from contio_mock.contract.auth import DEFAULT_SCOPE, SCOPES
from contio_mock.server.visit import Reply, Visit

PEOPLE_SHOWN = 8
_DEAD = "ask for a new one"
"""How the refusal of a code ends that can never become right."""
_AUTHORIZE = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method",
)  # fmt: skip
_GROUPS = {"openid": "Your identity", "profile": "Your identity", "email": "Your identity"}
_URI_PARTS = ("scheme", "hostname", "port", "path", "query", "fragment")


async def login(visit: Visit) -> Response:
    """Ask for the e-mail address, and send the one-time code."""
    if visit.request.method != "POST":
        return _login_page(visit)
    form = await visit.form()
    one_click = form.get("one_click", "")
    email = one_click or form.get("email", "")
    if not visit.fits_hint(email):
        return _login_page(visit, f"The app asks for {visit.hint}; no other address can sign in here.")
    if one_click and not visit.told:
        return _login_page(visit, "Signing in with one click works on the machine of the mock only.")
    sent = visit.call("POST", "/auth/initiate", {"client_id": visit.wish["client_id"], "email": email})
    if not sent.ok:
        return _login_page(visit, _spoken(sent), email, sent.page_status)
    address, session = sent.data["challenge_params"]["email"], sent.data["session"]
    if not one_click:
        return visit.onward("/login/code", email=address, session=session)
    mail = _newest_mail(visit, address) or {"code": ""}
    verified = _verify(visit, address, mail["code"], session)
    if not verified.ok:
        return _login_page(visit, verified.message, email, verified.page_status)
    return _signed_in(visit, address, verified.set_cookie or "")


def _login_page(visit: Visit, problem: str | None = None, email: str = "", status: int = 400) -> Response:
    people = list(visit.sandbox.store.users) if visit.sandbox and visit.told else []
    if visit.hint is not None:
        people = [user for user in people if visit.fits_hint(user.email)]
    return visit.page(
        "login.html",
        status=200 if problem is None else status,
        people=people[:PEOPLE_SHOWN],
        email=visit.hint or email,
        problem=problem,
    )


def _spoken(refused: Reply) -> str:
    """Why no code was sent, in the words of a page."""
    if refused.code == "invalid_request" and "e-mail" in refused.message:
        return "Enter an e-mail address such as ada@example.com."
    return refused.message


async def code(visit: Visit) -> Response:
    """Ask for the one-time code, and open the session."""
    if visit.request.method != "POST":
        return _code_page(visit)
    typed = (await visit.form()).get("code", "").replace(" ", "")
    verified = _verify(visit, visit.email, typed, visit.request.query_params.get("session", ""))
    if not verified.ok:
        return _code_page(visit, verified)
    return _signed_in(visit, visit.email, verified.set_cookie or "")


def _verify(visit: Visit, email: str, typed: str, session: str) -> Reply:
    body = {"client_id": visit.wish["client_id"], "email": email, "code": typed, "session": session}
    return visit.call("POST", "/auth/verify", body)


def _code_page(visit: Visit, refused: Reply | None = None) -> Response:
    dead = refused is not None and (_DEAD in refused.message or refused.code == "session_expired")
    return visit.page(
        "code.html",
        status=200 if refused is None else refused.page_status,
        here=visit.address(
            "/login/code", email=visit.email, session=visit.request.query_params.get("session", "")
        ),
        email=visit.email,
        mail=_newest_mail(visit, visit.email) if visit.told and not dead else None,
        dead=dead,
        problem=refused.message if refused else None,
    )


def _newest_mail(visit: Visit, email: str) -> dict[str, Any] | None:
    inbox = visit.call("GET", f"/_mock/inbox?{urlencode({'email': email})}")
    mails: list[dict[str, Any]] = [mail for mail in inbox.data.get("items", []) if mail.get("code")]
    return mails[0] if mails else None


def _signed_in(visit: Visit, email: str, set_cookie: str) -> Response:
    """Go on, and skip the consent page for somebody who has consented before."""
    cookie = set_cookie.partition(";")[0]
    checked = _check(visit, email, cookie)
    if checked.data.get("has_consent") and visit.wish.get("prompt") != "consent":
        response = _decide(visit, email, consent=True, cookie=cookie)
    else:
        response = visit.onward("/consent", email=email)
    response.headers.append("set-cookie", set_cookie)
    return response


def _check(visit: Visit, email: str, cookie: str) -> Reply:
    body = {"client_id": visit.wish["client_id"], "email": email, "scope": visit.wish.get("scope", "")}
    return visit.call("POST", "/oauth2/check-consent", body, cookie=cookie)


async def consent(visit: Visit) -> Response:
    """Ask what the app may do."""
    if visit.request.method == "POST":
        allowed = (await visit.form()).get("decision") == "allow"
        return _decide(visit, visit.email, consent=allowed, cookie=visit.cookie)
    checked = _check(visit, visit.email, visit.cookie)
    if not checked.ok:
        return refusal(visit, checked)
    if not checked.data.get("session_valid"):
        return _expired(visit)
    return visit.page(
        "consent.html",
        here=visit.address("/consent", email=visit.email),
        email=visit.email,
        groups=_grouped((visit.wish.get("scope") or DEFAULT_SCOPE).split()),
    )


def _grouped(scopes: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each scope in words, by what it is about, in the order of the documents."""

    def subject(scope: str) -> str:
        return _GROUPS.get(scope) or scope.partition(":")[0].replace("-", " ").capitalize()

    wanted = [scope for scope in SCOPES if scope in scopes]
    return [
        (title, [(scope, SCOPES[scope]) for scope in members]) for title, members in groupby(wanted, subject)
    ]


def _decide(visit: Visit, email: str, *, consent: bool, cookie: str) -> Response:
    body: dict[str, Any] = {name: visit.wish[name] for name in _AUTHORIZE if name in visit.wish}
    body |= {"email": email, "consent": consent}
    decided = visit.call("POST", "/oauth2/authorize", body, cookie=cookie)
    if decided.ok:
        return visit.leave(decided.data["redirect_url"])
    return _expired(visit) if decided.code == "session_expired" else refusal(visit, decided)


def _expired(visit: Visit) -> Response:
    who = f"You are not signed in as {visit.email}" if visit.email else "You are not signed in"
    message = f"{who} any more: a sign-in lasts 30 minutes. Nothing was sent to the app."
    return problem_page(visit, 400, "Your sign-in has expired", message)


def refusal(visit: Visit, refused: Reply) -> Response:
    """An error of the API as a page; exactly what is wrong when it is the client or the redirect URI."""
    if refused.status == 400 and visit.sandbox is not None and not visit.is_welcome_back:  # noqa: PLR2004
        return stray(visit)
    return problem_page(visit, max(refused.status, 400), "This sign-in cannot go on", refused.message)


def problem_page(visit: Visit, status: int, title: str, message: str) -> Response:
    """What went wrong, with the way back to the sign-in if there is one."""
    return visit.page("error.html", status=status, title=title, message=message, again=visit.is_welcome_back)


def stray(visit: Visit) -> Response:
    """An unknown client or redirect URI: the browser cannot be sent back, so say all there is to say."""
    assert visit.sandbox is not None  # noqa: S101 - the caller asked
    app, sent = visit.app, visit.wish.get("redirect_uri")
    registered = app.redirect_uris if app else ()
    return visit.page(
        "stray.html",
        status=400,
        apps=list(visit.sandbox.store.apps),
        registered=[(uri, _differences(sent, uri) if sent else []) for uri in registered],
    )


def _differences(sent: str, registered: str) -> list[str]:
    """The parts in which a URI is not the registered one."""
    try:
        one, other = urlsplit(sent), urlsplit(registered)
        parts = [name for name in _URI_PARTS if getattr(one, name) != getattr(other, name)]
    except ValueError:
        return []
    return [_spoken_part(name, one, other) for name in parts]


def _spoken_part(name: str, one: SplitResult, other: SplitResult) -> str:
    if name == "path" and one.path.rstrip("/") == other.path.rstrip("/"):
        return "trailing slash"
    return "host" if name == "hostname" else name
