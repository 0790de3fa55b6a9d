"""For every operation on an app's webhooks, credentials and automations, a request that must succeed."""

from __future__ import annotations

from .preparation import prepared
from .world import Call, World

ROTATION = {"confirmation_token": "yes", "reason": "It is time."}
RULE = {
    "name": "Follow up",
    "trigger_type": "action_item_created",
    "actions": [{"type": "phrase_match", "config": {"phrases": "follow up"}}],
}


@prepared("replaceAppStatus")
def _(w: World) -> Call:
    return w.call("replaceAppStatus", {"status": "active"})


# ---------------------------------------------------------------- webhooks


def with_webhooks(w: World) -> None:
    w.made("replaceApp", {"webhook_url": "http://localhost:1/webhooks"})


def delivery(w: World) -> str:
    with_webhooks(w)
    w.meeting()
    return str(w.made("listWebhookDeliveries")["deliveries"][0]["id"])


@prepared("listWebhookDeliveries")
def _(w: World) -> Call:
    delivery(w)
    return w.call("listWebhookDeliveries", query={"status": "pending", "event_type": "meeting.created"})


@prepared("getWebhookDelivery", "retryWebhookDelivery")
def _(w: World, operation: str) -> Call:
    return w.call(operation, delivery_id=delivery(w))


@prepared("replaceWebhookFilter")
def _(w: World) -> Call:
    return w.call("replaceWebhookFilter", {"type": "include", "events": ["meeting.created"]})


@prepared("deleteWebhookFilter")
def _(w: World) -> Call:
    w.made("replaceWebhookFilter", {"type": "exclude", "events": ["meeting.created"]})
    return w.call("deleteWebhookFilter")


@prepared("replaceWebhookStatus")
def _(w: World) -> Call:
    w.made("replaceWebhookStatus", {"enabled": False})
    return w.call("replaceWebhookStatus", {"enabled": True, "pending_disposition": "deliver"})


# ---------------------------------------------------------------- credentials


@prepared("getCredentialStatus")
def _(w: World) -> Call:
    return w.call("getCredentialStatus")


@prepared("rotateApiKey", "rotateClientSecret", "rotateWebhookSecret")
def _(w: World, operation: str) -> Call:
    return w.call(operation, ROTATION)


@prepared("rollbackApiKey", "rollbackClientSecret")
def _(w: World, operation: str) -> Call:
    rotated = w.made(operation.replace("rollback", "rotate"), ROTATION)
    return w.call(operation, {"rollback_token": rotated["rollback_token"], "reason": "Too early."})


@prepared("listCredentialHistory")
def _(w: World) -> Call:
    w.made("rotateClientSecret", ROTATION)
    return w.call("listCredentialHistory", query={"credential_type": "client_secret"})


# ---------------------------------------------------------------- automations


def rule(w: World) -> str:
    return str(w.made("createAutomation", RULE)["id"])


@prepared("listAutomations")
def _(w: World) -> Call:
    rule(w)
    return w.call("listAutomations")


@prepared("createAutomation")
def _(w: World) -> Call:
    return w.call("createAutomation", {**RULE, "description": "Everything that is to be followed up"})


@prepared("getAutomation", "deleteAutomation")
def _(w: World, operation: str) -> Call:
    return w.call(operation, automation_id=rule(w))


@prepared("replaceAutomation", "updateAutomation")
def _(w: World, operation: str) -> Call:
    return w.call(operation, {"status": "inactive"}, automation_id=rule(w))


def old_rule(w: World) -> str:
    return str(w.made("createWorkflow", RULE)["id"])


@prepared("listWorkflows")
def _(w: World) -> Call:
    old_rule(w)
    return w.call("listWorkflows")


@prepared("createWorkflow")
def _(w: World) -> Call:
    return w.call("createWorkflow", RULE)


@prepared("getWorkflow", "deleteWorkflow")
def _(w: World, operation: str) -> Call:
    return w.call(operation, workflow_id=old_rule(w))


@prepared("replaceWorkflow")
def _(w: World) -> Call:
    return w.call("replaceWorkflow", {"is_active": False}, workflow_id=old_rule(w))
