"""The pages of single sign-on: a partner's landing page, and the built-in identity provider's own.

Like the hosted sign-in they hold no state, and call the operations that anybody can call.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from contio_mock.contract.shared import is_email
from contio_mock.contract.sso import is_target
from contio_mock.fake.records import AppRecord, SsoSessionRecord, UserRecord
from contio_mock.server.sign_in import PEOPLE_SHOWN, problem_page
from contio_mock.server.visit import Visit

AUTHORIZE = "/_mock/idp/authorize"
SIGN_IN = "/_mock/idp/sign-in"
LONGEST_SHOWN = 500
_FOREIGN = "This form was sent by another site. Start again from your app."
_ASKED = ("client_id", "redirect_uri", "state", "response_type", "code_challenge_method")
_PLACES = {"web": "Contio in the browser", "desktop": "the desktop app", "backlog": "the backlog"}


# ---------------------------------------------------------------- the partner's landing page


async def landing(visit: Visit) -> Response:
    """A partner's page at Contio: where its users begin, and where they come back to."""
    slug = visit.request.path_params["slug"]
    asked = visit.call("GET", f"/v1/partner/sso/info/{quote(slug, safe='')}")
    app = visit.store.apps.first("slug", slug.lower()) if asked.ok else None
    if app is None:
        return _unknown_partner(visit, slug, asked.status, asked.message)
    if visit.request.method == "POST":
        return _set_up(visit, app)
    query = visit.request.query_params
    session = _session(visit, app)
    if "error" in query:
        words = query.get("error_description", "") or "The identity provider did not say why."
        return _failed(visit, app, query["error"], words, session)
    status = session.status_at(visit.now) if session is not None else "pending"
    if session is not None and status == "completed":
        return _completed(visit, app, session)
    if session is not None and status != "pending":
        return _failed(visit, app, status, session.error or "The sign-in took too long.", session)
    return _begin(visit, app)


def _begin(visit: Visit, app: AppRecord) -> Response:
    target, hint = _wish(visit)
    idp = visit.store.idp_configs.last("app", app.id)
    provider = idp.name if idp is not None and idp.is_active and app.status == "active" else None
    problem = None
    if app.status != "active":
        problem = f"{app.name} is {app.status}; nobody can sign in."
    elif not is_target(target):
        problem = "target must be web, desktop, backlog or meeting: and the meeting's id."
    onward = {"slug": app.slug or "", "auto": "true", "target": target}
    initiate = f"{visit.prefix}/v1/partner/sso/initiate?{urlencode(onward | _hint(hint))}"
    if visit.request.query_params.get("auto") == "true" and provider and problem is None:
        return visit.leave(initiate)
    return visit.page(
        "landing.html",
        status=200 if problem is None else 400,
        app=app,
        provider=provider,
        problem=problem,
        place=_place(target),
        hint=hint,
        initiate=initiate,
        here=_address(visit, app, target, hint),
    )


def _wish(visit: Visit) -> tuple[str, str]:
    """Where the user wants to go, and as whom; a hint that is no address says nothing here."""
    hint = visit.wish.get("login_hint", "")
    return visit.request.query_params.get("target") or "web", hint if is_email(hint) else ""


def _hint(hint: str) -> dict[str, str]:
    return {"login_hint": hint} if hint else {}


def _address(visit: Visit, app: AppRecord, target: str, hint: str = "") -> str:
    """The landing page itself, without what happened."""
    return f"{visit.prefix}/p/{quote(app.slug or '', safe='')}?{urlencode({'target': target, **_hint(hint)})}"


def _place(target: str) -> str:
    return _PLACES.get(target) or f"the meeting {target.partition(':')[2]}"


def _session(visit: Visit, app: AppRecord) -> SsoSessionRecord | None:
    """The sign-in that the address names, if it is one to this app."""
    session = visit.store.sso_sessions.get(visit.request.query_params.get("session_id", ""))
    return session if session is not None and session.app_id == app.id else None


def _completed(visit: Visit, app: AppRecord, session: SsoSessionRecord) -> Response:
    return visit.page(
        "landed.html",
        app=app,
        user=visit.store.users.get(session.user_id or ""),
        session=session,
        place=_place(session.target),
        again=_address(visit, app, session.target),
    )


def _failed(
    visit: Visit, app: AppRecord, error: str, description: str, session: SsoSessionRecord | None
) -> Response:
    target = session.target if session is not None else "web"
    return visit.page(
        "not_landed.html",
        app=app,
        error=error[:LONGEST_SHOWN],
        description=description[:LONGEST_SHOWN],
        session=session,
        again=_address(visit, app, target),
    )


def _unknown_partner(visit: Visit, slug: str, status: int, message: str) -> Response:
    if status != 404:  # noqa: PLR2004 - a rate limit or a fault
        return problem_page(visit, max(status, 400), "Contio does not answer", message)
    apps = [app for app in visit.store.apps if app.slug] if visit.told else []
    return visit.page("no_partner.html", status=404, app=None, slug=slug[:LONGEST_SHOWN], apps=apps)


def _set_up(visit: Visit, app: AppRecord) -> Response:
    """Let an app without a provider use the built-in one, at the press of a button."""
    refusal = _refused_order(visit)
    if refusal is not None:
        return refusal
    idp = visit.store.idp_configs.last("app", app.id)
    if idp is None or not idp.is_active:
        done = visit.call("POST", "/_mock/simulate/sso-ready", {"slug": app.slug})
        if not done.ok:
            return problem_page(visit, done.page_status, "It cannot be set up", done.message)
    return visit.leave(_address(visit, app, *_wish(visit)))


def _refused_order(visit: Visit) -> Response | None:
    """The control plane is for this machine, and not for forms of other sites."""
    if not visit.told:
        message = "The control plane is off for other machines; serve with --expose."
        return problem_page(visit, 404, "Not from this machine", message)
    if visit.request.method == "POST" and visit.is_foreign():
        return problem_page(visit, 403, "Not from here", _FOREIGN)
    return None


# ---------------------------------------------------------------- the built-in identity provider


async def authorize(visit: Visit) -> Response:
    """Who are you? Asked by the built-in identity provider; an unknown client is never sent on."""
    refusal = _refused_order(visit)
    if refusal is not None:
        return refusal
    asked = visit.call("GET", f"{SIGN_IN}?{urlencode({n: visit.wish[n] for n in _ASKED if n in visit.wish})}")
    if not asked.ok:
        return problem_page(visit, 400, "This sign-in cannot go on", asked.message)
    if visit.request.method != "POST":
        return _who(visit, asked.data)
    form = await visit.form()
    decided = visit.call("POST", SIGN_IN, _decision(visit, form))
    if decided.ok:
        return visit.leave(decided.data["redirect_url"])
    words = "Enter an e-mail address such as ada@example.com."
    problem = words if not is_email(form.get("email", "")) else decided.message
    return _who(visit, asked.data, problem, form)


def _decision(visit: Visit, form: dict[str, str]) -> dict[str, Any]:
    """What the person chose, as the sign-in operation takes it."""
    known = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
    said: dict[str, Any] = {name: visit.wish[name] for name in known if name in visit.wish}
    if form.get("decision") == "decline":
        return said | {"error": "access_denied", "error_description": "The person declined to sign in."}
    said["email"] = form.get("one_click") or form.get("email", "")
    if form.get("name") and "one_click" not in form:
        said["name"] = form["name"]
    return said


def _who(
    visit: Visit, asker: dict[str, Any], problem: str | None = None, form: dict[str, str] | None = None
) -> Response:
    typed, hint = form or {}, visit.hint or ""
    return visit.page(
        "provider.html",
        status=200 if problem is None else 400,
        app=None,
        asker=asker,
        problem=problem,
        people=_people(visit, hint),
        email=typed.get("email", hint),
        name=typed.get("name", ""),
        here=visit.address(AUTHORIZE),
    )


def _people(visit: Visit, hint: str) -> list[UserRecord]:
    """Some people of the sandbox, the one who is hinted at first."""
    hinted = visit.store.users.first("email", hint.lower()) if hint else None
    others = [user for user in visit.store.users if user is not hinted]
    return [*([hinted] if hinted else []), *others][:PEOPLE_SHOWN]
