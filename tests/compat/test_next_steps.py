"""Templates, next steps and action buttons, as the official SDK calls them."""

from __future__ import annotations

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk


def test_manages_the_apps_templates(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("next_steps", "templates")
    assert seen["read"] == seen["created"]
    assert (seen["updated"]["name"], seen["updated"]["description"]) == ("Bill", "For clients")
    assert seen["page"]["total"] == 2
    (brought,) = seen["brought"]["items"]
    assert brought == {**seen["step"], "autopilot": True, "sort_order": 1}
    assert seen["left"]["items"] == []
    owner = f"app:{contio_live.sandbox.app.id}"
    assert contio_live.sandbox.store.templates.count("owner", owner) == 1


def test_carries_next_steps_out_and_presses_buttons(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("next_steps", "carriedOut")
    assert seen["template"]["agenda_item_count"] == 2
    assert [step["autopilot"] for step in seen["steps"]["items"]] == [False] * 3
    executed, result = seen["executed"], seen["result"]
    assert (result["id"], result["status"]) == (executed["result_id"], "completed")
    assert result["content"] == result["generated_text"]
    assert seen["meeting"]["title"] in result["content"]
    assert (result["meeting_id"], result["next_step_id"]) == (
        seen["meeting"]["id"],
        seen["steps"]["items"][0]["id"],
    )
    assert seen["triggered"]["status"] == "completed"
    told = [emitted.type for emitted in contio_live.sandbox.outbox.events]
    assert told == ["next_step.completed", "action_button.triggered"]
