"""What there is in a demo sandbox to be asked for: ids by their place in a path, and values by their name.

A request made up from a schema names meetings that nobody has. `World.fill` puts what exists in their
places, most of the time, so that requests get past their first look-up.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

from contio_mock import FakeContio
from contio_mock.contract.wire import Request
from contio_mock.fake.engine import DEFAULT_ORIGIN

ADA, NEW, CALLBACK = "ada@example.com", "new.person@example.org", "http://localhost:3000/callback"
CLIENT, SECRET = "partner_demo", "cs_demo_secret"
IDP = f"{DEFAULT_ORIGIN}/_mock/idp/.well-known/openid-configuration"
VERIFIER = "a-verifier-that-is-longer-than-43-characters-~._"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
MANIFEST = {"next_steps": [{"spec": {"$id": "a", "name": "Follow up", "type": "ai"}}]}

Values = dict[str, tuple[Any, ...]]
Place = dict[str, str]
"""The parameters of one path."""

ONE: dict[str, str] = {
    "/user/meetings/{id}": "meetings",
    "/backlog-items/{id}": "backlog_items",
    "/action-items/{id}": "action_items",
    "/calendar/events/{calendar_event_id}": "calendar_events",
    "/meeting-templates/{id}": "templates",
    "/templates/{templateId}": "templates",
    "/toolkits/{toolkitId}": "toolkits",
    "/sessions/{id}": "chat_sessions",
    "/workflow-runs/{id}": "workflow_runs",
    "/workflow-templates/{id}": "workflow_templates",
    "/connections/{connectionId}": "connections",
    "/automation/{automationId}": "automations",
    "/next-step-results/{result_id}": "next_step_results",
}
"""The collection that the parameter of a path is an id of."""

TWO: dict[str, tuple[str, str]] = {
    "participant_id": ("participants", "meeting_id"),
    "item_id": ("agenda_items", "meeting_id"),
    "attachment_id": ("attachments", "meeting_id"),
    "context_id": ("contexts", "meeting_id"),
    "turn_id": ("chat_turns", "session_id"),
    "versionId": ("toolkit_versions", "toolkit_id"),
}
"""The collection of a path's second parameter, and the member that is its first."""

MEMBERS: dict[str, str] = {
    "meeting_id": "meetings",
    "backing_meeting_id": "meetings",
    "originating_id": "meetings",
    "template_id": "templates",
    "template_ids": "templates",
    "workflow_template_id": "workflow_templates",
    "workspace_id": "workspaces",
    "default_toolkit_id": "toolkits",
    "next_step_id": "next_steps",
    "next_step_ids": "next_steps",
    "action_button_id": "action_buttons",
    "action_button_ids": "action_buttons",
    "shortcut_ids": "shortcuts",
    "context_document_ids": "contexts",
    "calendar_event_id": "calendar_events",
    "user_id": "users",
    "result_id": "next_step_results",
}
"""The collection that a member of a body or a query is an id of."""

KNOWN: Values = {
    "client_id": (CLIENT,),
    "client_secret": (SECRET,),
    "email": (ADA, "Grace@Example.com", NEW),
    "redirect_uri": (CALLBACK,),
    "response_type": ("code",),
    "code_challenge": (CHALLENGE,),
    "code_challenge_method": ("S256",),
    "code_verifier": (VERIFIER,),
    "scope": ("openid profile email meetings:read", "openid"),
    "prompt": ("none", "consent"),
    "discovery_url": (IDP, "https://idp.example.com/.well-known/openid-configuration"),
    "allowed_email_domains": ("acme.com",),
    "events": ("meeting.created", "action_item.created"),
}


@dataclass
class World:
    """One sandbox, prepared for one operation."""

    contio: FakeContio
    places: list[Place] = field(default_factory=list)
    values: Values = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, *, by: str = "user") -> Any:
        """Send a request that must succeed; its JSON."""
        content = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        headers = {"content-type": "application/json", **self.credentials(by)}
        asked = Request(method, path, query, headers, content)
        answer = self.contio.handle(asked)
        assert answer.status < 400, (method, path, answer.body)
        return json.loads(answer.read()) if answer.body else None

    def credentials(self, caller: str) -> dict[str, str]:
        """The headers of a user, of the app, or of nobody."""
        if caller == "user":
            tokens = self.contio.client().tokens
            assert tokens
            return {"authorization": f"Bearer {tokens.access_token}"}
        return {"x-api-key": "ctio_demo_key", "x-client-id": CLIENT} if caller == "admin" else {}

    def ids(self, collection: str) -> tuple[str, ...]:
        return tuple(record.id for record in getattr(self.contio.sandbox.store, collection))

    def place(self, given: Place, salt: Any = None) -> Place:
        """The parameters of a path, nearly always of what exists; `salt` is the rest of the request."""
        n = _number((given, salt))
        return given if not self.places or n % 12 == 0 else {**given, **self.places[n % len(self.places)]}

    def fill(self, value: Any, name: str = "") -> Any:
        """A value with what exists where something has a known name, most of the time."""
        if isinstance(value, dict):
            return {key: self.fill(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, name) for inner in value]
        choices, n = self.values.get(name, ()), _number(value)
        return choices[n % len(choices)] if isinstance(value, str) and choices and n % 12 else value


def _number(value: Any) -> int:
    return crc32(repr(value).encode("utf-8", "surrogatepass")) >> 3


def _places(world: World, path: str) -> list[Place]:
    """Every place of a path that the demo scenario has."""
    store = world.contio.sandbox.store.members()
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    if "/admin/toolkits/" in path:
        own = {t.id for t in store["toolkits"] if t.partner_app_id}
        versions = [(v.toolkit_id, v.id) for v in store["toolkit_versions"] if v.toolkit_id in own]
        return [dict(zip(names, found, strict=False)) for found in versions]
    if len(names) == 2 and names[1] in TWO:
        collection, parent = TWO[names[1]]
        return [{names[0]: getattr(r, parent), names[1]: r.id} for r in store[collection]]
    found = next((collection for end, collection in ONE.items() if end in path), None)
    return [{names[0]: id_} for id_ in world.ids(found)] if found else []


def world_for(contio: FakeContio, operation: str, path: str) -> World:
    """A fresh sandbox in which that operation has something to do."""
    contio.reset()
    contio.receiver = None
    world = World(contio)
    PREPARATIONS.get(operation, lambda _: None)(world)
    members = {name: world.ids(collection) for name, collection in MEMBERS.items()}
    world.values = {**KNOWN, **members, **world.values}
    world.places = world.places or _places(world, path)
    return world


def _run(world: World) -> None:
    wish = {"originating_id": world.ids("meetings")[0], "originating_type": "meeting"}
    template = world.ids("workflow_templates")[0]
    world.ask("POST", "/v1/partner/user/workflow-runs", {**wish, "workflow_template_id": template})


def _steps(world: World) -> None:
    applied = world.contio.sandbox.store.template_applications
    world.places = [
        {"id": a.meeting_id, "next_step_id": s.next_step_id} for a in applied for s in a.next_steps
    ]


def _result(world: World) -> str:
    _steps(world)
    place = world.places.pop(0)
    path = f"/v1/partner/user/meetings/{place['id']}/next-steps/{place['next_step_id']}/execute"
    world.ask("POST", path, {})
    world.places = []
    return place["id"]


def _buttons(world: World) -> None:
    meeting = _result(world)
    buttons = world.ask("GET", f"/v1/partner/user/meetings/{meeting}/action-buttons")
    world.places = [{"id": meeting, "button_id": button["id"]} for button in buttons["items"]]


def _template(world: World) -> None:
    """A template of the app."""
    template = world.ask("POST", "/v1/partner/admin/templates", {"name": "Review"}, by="admin")
    world.places = [{"templateId": template["id"]}]


def _links(world: World) -> None:
    """A template of the app with a next step."""
    _template(world)
    template, step = world.places[0]["templateId"], world.ids("next_steps")[0]
    world.ask(
        "POST", f"/v1/partner/admin/templates/{template}/next-steps", {"next_step_id": step}, by="admin"
    )
    world.places = [{"templateId": template, "nextStepId": step}]


def _seen_templates(world: World) -> None:
    """The templates that the caller may use, and not those of another workspace."""
    seen = world.ask("GET", "/v1/partner/user/meeting-templates")["items"]
    world.values["template_id"] = tuple(template["id"] for template in seen)


def _transcripts(world: World) -> None:
    world.places = [{"id": t.meeting_id} for t in world.contio.sandbox.store.transcripts]


def _chat(world: World) -> None:
    meeting = _of_caller(world)
    session = world.ask("POST", "/v1/partner/user/sessions", {"message": "Hello", "meeting_id": meeting[0]})
    world.contio.clock.advance("1m")
    world.places, world.values["meeting_id"] = [{"id": session["id"]}], meeting


def _of_caller(world: World) -> tuple[str, ...]:
    listed = world.ask("GET", "/v1/partner/user/meetings?limit=20")["items"]
    return tuple(meeting["id"] for meeting in listed)


def _own_meetings(world: World) -> None:
    world.values["meeting_id"] = _of_caller(world)


def _installed(world: World) -> None:
    toolkit, workspace = world.ids("toolkits")[0], world.ids("workspaces")[0]
    world.ask("POST", f"/v1/partner/user/toolkits/{toolkit}/install", {})
    world.places = [{"workspace_id": workspace, "toolkit_id": toolkit}]


def _draft(world: World) -> None:
    toolkit = world.ids("toolkits")[0]
    wish = {"version_label": "9.0", "manifest": MANIFEST}
    path = f"/v1/partner/admin/toolkits/{toolkit}/versions"
    version = world.ask("POST", path, wish, by="admin")["version"]
    world.places = [{"toolkitId": toolkit, "versionId": version["id"]}]


def _deprecated(world: World) -> None:
    """A version that another was published after."""
    old, toolkit = world.ids("toolkit_versions")[0], world.ids("toolkits")[0]
    _draft(world)
    path = "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}/publish"
    world.ask("POST", path.format(**world.places[0]), {}, by="admin")
    world.places = [{"toolkitId": toolkit, "versionId": old}]


def _deliveries(world: World) -> None:
    """Webhooks that nobody took."""
    world.ask("PATCH", "/v1/partner/admin/app", {"webhook_url": "http://127.0.0.1:9/hook"}, by="admin")
    world.contio.receiver = lambda outgoing: 500
    world.ask("POST", "/v1/partner/user/meetings", {"title": "Told to nobody"})
    world.contio.clock.advance("3d")
    deliveries = world.ask("GET", "/v1/partner/admin/webhook-deliveries", by="admin")["deliveries"]
    world.places = [{"deliveryId": delivery["id"]} for delivery in deliveries]


def _rotated(kind: str) -> Callable[[World], None]:
    def rotate(world: World) -> None:
        path = f"/v1/partner/admin/credentials/{kind}/rotate"
        answer = world.ask("POST", path, {"confirmation_token": "yes"}, by="admin")
        world.values["rollback_token"] = (answer["rollback_token"],)

    return rotate


def _idp(world: World) -> None:
    wish = {"name": "Acme", "mode": "partner_managed", "discovery_url": IDP}
    wish |= {"idp_client_id": "acme", "idp_client_secret": "at-acme"}
    world.ask("POST", "/v1/partner/admin/idp", wish, by="admin")
    _slug(world)


def _verified(world: World) -> None:
    """A domain that is the app's, so that strict providers can be set."""
    _challenged(world)
    world.ask("POST", "/v1/partner/admin/idp/domains/acme.com/check", by="admin")
    world.places = []


def _configured(world: World) -> None:
    _verified(world)
    _idp(world)
    world.places = []


def _slug(world: World) -> None:
    slug = world.contio.sandbox.app.slug or ""
    world.places, world.values["slug"] = [{"slug": slug}], (slug,)


def _domains(world: World) -> None:
    world.places = [{"domain": "acme.com"}, {"domain": "Acme.Example.org"}]


def _challenged(world: World) -> None:
    _domains(world)
    for place in world.places:
        world.ask("POST", f"/v1/partner/admin/idp/domains/{place['domain']}/verify", by="admin")
    world.ask("POST", "/_mock/simulate/domain-record", {"domain": "acme.com"}, by="nobody")


def _signing_in_at_idp(world: World) -> None:
    """A sign-in at the identity provider, up to the way back."""
    _idp(world)
    begun = world.ask("GET", f"/v1/partner/sso/initiate?slug={world.values['slug'][0]}", by="nobody")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(begun["authorization_url"]).query).items()}
    names = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
    wish = {"email": ADA, **{name: asked[name] for name in names}}
    back = world.ask("POST", "/_mock/idp/sign-in", wish, by="nobody")["redirect_url"]
    world.values |= {k: tuple(v) for k, v in parse_qs(urlsplit(back).query).items()}
    world.places = [{"session_id": begun["session_id"]}]


def _mailed(world: World) -> None:
    wish = {"client_id": CLIENT, "email": ADA}
    session = world.ask("POST", "/auth/initiate", wish, by="nobody")["session"]
    code = world.contio.inbox(ADA)[0].code
    world.values |= {"session": (session,), "code": (code,), "email": (ADA,)}


def _signed_in(world: World) -> None:
    _mailed(world)
    wish = {"client_id": CLIENT, "email": ADA, **{n: world.values[n][0] for n in ("session", "code")}}
    world.ask("POST", "/auth/verify", wish, by="nobody")


def _authorized(world: World) -> None:
    """A code and a refresh token to be exchanged."""
    _signed_in(world)
    wish = {"client_id": CLIENT, "email": ADA, "redirect_uri": CALLBACK, "response_type": "code"}
    wish |= {"scope": "openid profile email", "consent": True}
    code = world.ask("POST", "/oauth2/authorize", wish, by="nobody")["code"]
    grants = ("authorization_code", "refresh_token", "client_credentials")
    world.values |= {"code": (code,), "grant_type": grants, "code_verifier": (), "scope": ("openid",)}
    _tokens(world)


def _tokens(world: World) -> None:
    tokens = world.contio.client().tokens
    assert tokens
    world.values |= {"token": (tokens.access_token,), "refresh_token": (tokens.refresh_token,)}


def _app(world: World) -> None:
    world.values |= {"slug": ("analytical-app", "ada"), "webhook_url": ("https://example.com/hook",)}
    world.values["version"] = ("2.0.0", "1.10")


PREPARATIONS: dict[str, Callable[[World], Any]] = {
    "listWorkflowRuns": _run,
    "getWorkflowRun": _run,
    "executeMeetingNextStep": _steps,
    "listMeetingNextSteps": _steps,
    "getNextStepResult": _result,
    "listMeetingActionButtons": _steps,
    "triggerMeetingActionButton": _buttons,
    "getTemplate": _template,
    "replaceTemplate": _template,
    "updateTemplate": _template,
    "deleteTemplate": _template,
    "listTemplateNextSteps": _links,
    "addTemplateNextStep": _template,
    "createMeeting": _seen_templates,
    "updateMeeting": _seen_templates,
    "applyMeetingTemplate": _own_meetings,
    "assignBacklogItem": _own_meetings,
    "createActionItem": _own_meetings,
    "createSession": _own_meetings,
    "sendSessionMessage": _chat,
    "exportMeetingTranscript": _transcripts,
    "adminRepublishToolkitVersion": _deprecated,
    "replaceTemplateNextStep": _links,
    "removeTemplateNextStep": _links,
    "listInstalledToolkits": _installed,
    "uninstallToolkit": _installed,
    "adminListToolkitInstallations": lambda world: (_installed(world), world.places.clear()),
    "adminDiscardToolkitVersion": _draft,
    "adminUpdateToolkitVersion": _draft,
    "adminPublishToolkitVersion": _draft,
    "listWebhookDeliveries": _deliveries,
    "getWebhookDelivery": _deliveries,
    "retryWebhookDelivery": _deliveries,
    "rollbackApiKey": _rotated("api-key"),
    "rollbackClientSecret": _rotated("client-secret"),
    "listCredentialHistory": _rotated("api-key"),
    "getIdpConfig": _idp,
    "createIdpConfig": _verified,
    "updateIdpConfig": _configured,
    "replaceIdpConfig": _configured,
    "deleteIdpConfig": _idp,
    "initiateIdpDomainVerification": _domains,
    "getIdpDomainVerification": _challenged,
    "checkIdpDomainVerification": _challenged,
    "getSsoInfo": _slug,
    "initiateSso": _idp,
    "verifySsoCallback": _signing_in_at_idp,
    "getSsoSession": _signing_in_at_idp,
    "getPublicPartnerInfo": lambda world: world.places.append({"client_id": CLIENT}),
    "verifyPartnerAuth": _mailed,
    "checkOauthConsent": _signed_in,
    "completeOauthAuthorization": _signed_in,
    "exchangeOauthToken": _authorized,
    "introspectOauthToken": _tokens,
    "revokeOauthToken": _tokens,
    "updateApp": _app,
    "replaceApp": _app,
    "adminCreateToolkit": _app,
    "adminUpdateToolkit": _app,
}
"""What must have happened before an operation can succeed."""
