"""Each method of the official SDK is refused in the SDK's own way: a ContioAPIError with status, code and id."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk

OF_USERS = [
    "getMeeting",
    "updateMeeting",
    "getMeetingParticipants",
    "removeMeetingParticipant",
    "getMeetingAgendaItems",
    "updateAgendaItem",
    "deleteAgendaItem",
    "getMeetingNextSteps",
    "executeNextStep",
    "getNextStepResult",
    "getMeetingActionButtons",
    "triggerActionButton",
    "exportMeetingTranscript",
    "getActionItem",
    "updateActionItem",
    "deleteActionItem",
    "getCalendarEvent",
    "createMeetingFromCalendarEvent",
    "getMeetingContextDocuments",
    "getAllMeetingContextDocuments",
    "getMeetingContextDocument",
    "deleteMeetingContextDocument",
    "downloadMeetingContextDocumentContent",
    "getChatSession",
    "getChatTurn",
    "getToolkit",
    "installToolkit",
    "uninstallToolkit",
    "getMeetingTemplate",
    "getWorkflowRun",
]
OF_ADMINS = [
    "getAutomation",
    "updateAutomation",
    "deleteAutomation",
    "getWebhookDelivery",
    "retryWebhookDelivery",
    "getUserConnection",
    "revokeUserConnection",
    "getIdPConfig",
    "updateIdPConfig",
    "deleteIdPConfig",
    "getToolkit",
    "updateToolkit",
    "deleteToolkit",
    "listToolkitVersions",
    "getToolkitVersion",
    "updateToolkitVersion",
    "publishToolkitVersion",
    "republishToolkitVersion",
    "discardToolkitVersion",
    "getTemplate",
    "updateTemplate",
    "deleteTemplate",
    "getTemplateNextSteps",
    "updateTemplateNextStep",
    "removeTemplateNextStep",
    "exportToolkit",
    "getWorkflowTemplate",
    "getToolkitInstallations",
]
RAW = {"exportMeetingTranscript", "downloadMeetingContextDocumentContent"}
"""They ask for bytes, and the SDK does not look into the bytes of a refusal for its code."""


def refused_alike(errors: dict[str, Any], status: int, code: str) -> None:
    """Every error has this status and code, and the id of its request."""
    for name, error in errors.items():
        assert error["isApiError"], name
        assert (name, error["statusCode"]) == (name, status)
        if name not in RAW:
            assert (name, error["code"]) == (name, code)
            assert error["requestId"].startswith("req_"), name


def test_every_method_refuses_strangers(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("refusals", "strangers")
    has = sdk.run("exports", "everything")
    for class_, errors in (("PartnerUserClient", seen["user"]), ("PartnerAdminClient", seen["admin"])):
        mine = {name.removeprefix(f"{class_}.") for name in has if name.startswith(f"{class_}.")}
        assert errors.keys() == mine - {"addAuthHeaders", "ensureValidToken"}
        refused_alike(errors, 401, "unauthorized")
    assert seen["narrow"].keys() == seen["user"].keys()
    refused_alike(seen["narrow"], 403, "forbidden")
    assert contio_live.mock.events().total == 0


@pytest.mark.contio(profile={"context_list_of_unknown_meeting": "not_found"})
def test_every_method_says_that_there_is_no_such_thing(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("refusals", "unknown", user=OF_USERS, admin=OF_ADMINS)
    assert len(seen["user"]) > 25
    assert len(seen["admin"]) > 20
    refused_alike(seen["user"], 404, "not_found")
    refused_alike(seen["admin"], 404, "not_found")
    assert contio_live.mock.events().total == 0


def test_never_repeats_what_was_refused(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    sdk.run("refusals", "every")
    statuses = [request.status for request in contio_live.mock.requests().items]
    assert len(statuses) == 8, "one request for each of them"
