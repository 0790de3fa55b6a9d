"""For every operation of the admin API, a request that must succeed, and what has to be there for it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from .preparation import prepared
from .world import Call, World

# ---------------------------------------------------------------- the app and its connections


@prepared("getPublicPartnerInfo")
def _(w: World) -> Call:
    return w.call("getPublicPartnerInfo", client_id="partner_demo")


@prepared("getApp")
def _(w: World) -> Call:
    return w.call("getApp")


@prepared("replaceApp", "updateApp")
def _(w: World, operation: str) -> Call:
    return w.call(operation, {"description": "Another description"})


OKTA = {
    "name": "Okta",
    "mode": "partner_managed",
    "discovery_url": "https://acme.okta.test/.well-known/openid-configuration",
    "idp_client_id": "0oa1",
    "idp_client_secret": "s3cret",
}


@prepared("createIdpConfig")
def _(w: World) -> Call:
    return w.call("createIdpConfig", OKTA)


@prepared("getIdpConfig", "deleteIdpConfig")
def _(w: World, operation: str) -> Call:
    w.made("createIdpConfig", OKTA)
    return w.call(operation)


@prepared("replaceIdpConfig", "updateIdpConfig")
def _(w: World, operation: str) -> Call:
    w.made("createIdpConfig", OKTA)
    return w.call(operation, {"is_active": False})


@prepared("initiateIdpDomainVerification")
def _(w: World) -> Call:
    return w.call("initiateIdpDomainVerification", domain="acme.com")


@prepared("getIdpDomainVerification", "checkIdpDomainVerification")
def _(w: World, operation: str) -> Call:
    w.made("initiateIdpDomainVerification", domain="acme.com")
    w.happens("domain-record", domain="acme.com")
    return w.call(operation, domain="acme.com")


def initiated(w: World) -> dict[str, str]:
    w.made("createIdpConfig", OKTA)
    return dict(w.made("initiateSso", query={"slug": "demo-integration"}))


@prepared("getSsoInfo")
def _(w: World) -> Call:
    return w.call("getSsoInfo", slug="demo-integration")


@prepared("initiateSso")
def _(w: World) -> Call:
    w.made("createIdpConfig", OKTA)
    return w.call("initiateSso", query={"slug": "demo-integration", "target": "desktop"})


@prepared("getSsoSession")
def _(w: World) -> Call:
    return w.call("getSsoSession", session_id=initiated(w)["session_id"])


@prepared("verifySsoCallback")
def _(w: World) -> Call:
    state = parse_qs(urlsplit(initiated(w)["authorization_url"]).query)["state"][0]
    return w.call("verifySsoCallback", query={"state": state, "error": "access_denied"})


def connection(w: World) -> str:
    w.token("ada@example.com")
    return str(w.made("listConnections")["items"][0]["id"])


@prepared("listConnections")
def _(w: World) -> Call:
    connection(w)
    return w.call("listConnections")


@prepared("getConnection", "revokeConnection")
def _(w: World, operation: str) -> Call:
    return w.call(operation, connection_id=connection(w))
