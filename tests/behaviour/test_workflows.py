"""Workflow templates and runs: started, walked step by step, decided, ended."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, NotFound, PlanRequired
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.simulate_workflows import WorkflowStepEnd, WorkflowTaskEnd
from contio_mock.contract.wire import Request
from contio_mock.contract.workflows import WorkflowRun, WorkflowRunCreate
from contio_mock.fake.processes.workflows import install_workflow
from contio_mock.fake.sandbox import Context

RUNS = "/v1/partner/user/workflow-runs"
TEMPLATES = "/v1/partner/admin/workflow-templates"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
CANVAS = "11111111-1111-4111-8111-111111111111"

CHAIN = {"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"from": "a", "to": "b"}]}
APPROVAL = {
    "nodes": [{"id": "ask", "type": "approval_task", "name": "Publish?"}, {"id": "post", "type": "notify"}],
    "edges": [["ask", "post"]],
}


def install(contio: FakeContio, workflow: Any, email: str = "ada@example.com", **given: Any) -> str:
    """A workflow in that user's workspace; its id."""
    ctx = Context(contio.sandbox, Request("", ""), "", "")
    workspace_id = contio.client(email).user.profile.get().workspace_id
    return install_workflow(ctx, workspace_id, workflow, app_id=contio.sandbox.app.id, **given).id


def launch(client: Contio, template_id: str, origin: str = CANVAS, kind: Any = "canvas") -> WorkflowRun:
    return client.user.workflow_runs.create(
        WorkflowRunCreate(workflow_template_id=template_id, originating_id=origin, originating_type=kind)
    )


def launched(contio: FakeContio, spec: Any) -> WorkflowRun:
    return launch(contio.client(), install(contio, {"name": "W", "spec": spec}))


def now(contio: FakeContio, run: WorkflowRun) -> WorkflowRun:
    return contio.client().user.workflow_runs.get(run.id)


def walked(contio: FakeContio) -> list[str]:
    """The nodes of the finished steps, in order."""
    return [e.event.node_id for e in contio.events if e.event.type == "workflow.step.completed"]


def types(contio: FakeContio) -> list[str]:
    return [emitted.event.type.removeprefix("workflow.") for emitted in contio.events]


def event(contio: FakeContio, kind: str) -> dict[str, Any]:
    return [e.event.model_dump() for e in contio.events if e.event.type == f"workflow.{kind}"][-1]


def decide(contio: FakeContio, run: WorkflowRun, decision: str, **given: Any) -> WorkflowRun:
    wish = WorkflowTaskEnd(run_id=run.id, decision=decision, **given)
    return contio.control.mock.simulate.workflow_task(wish)


def end_step(contio: FakeContio, run: WorkflowRun, **given: Any) -> WorkflowRun:
    return contio.control.mock.simulate.workflow_step(WorkflowStepEnd(run_id=run.id, **given))


# ---------------------------------------------------------------- templates


def test_templates_are_listed_without_their_graph_and_read_with_it(contio: FakeContio) -> None:
    admin = contio.admin().admin
    before = admin.workflow_templates.list().total
    here = install(contio, {"name": "Here", "description": "d", "spec": CHAIN})
    there = install(contio, {"name": "There", "spec": CHAIN, "is_active": False}, "linus@example.net")
    page = admin.workflow_templates.list(limit=2)
    assert [template.id for template in page.items] == [there, here]
    assert (page.total, page.limit) == (before + 2, 2)
    assert len({template.workspace_id for template in page.items}) == 2
    found = admin.workflow_templates.get(here)
    assert (found.name, found.description, found.is_active, found.spec) == ("Here", "d", True, CHAIN)
    assert admin.workflow_templates.get(there).is_active is False


def test_a_template_in_a_list_has_no_spec(contio: FakeContio) -> None:
    answer = contio.handle(Request("GET", TEMPLATES, "", admin_headers()))
    items = json.loads(answer.body)["items"]
    assert items
    assert all("spec" not in item for item in items)


def admin_headers(key: str = "ctio_demo_key", client: str = "partner_demo") -> dict[str, str]:
    return {"x-api-key": key, "x-client-id": client}


def test_another_app_sees_only_its_own_templates(tmp_path: Path) -> None:
    keys = ("client_secret", "api_key", "webhook_secret", "name", "company_name")
    apps = [{"client_id": n, **{key: f"{key}-{n}" for key in keys}} for n in ("one", "two")]
    workflow = {"name": "W", "workspace": "W", "app": "one", "spec": CHAIN}
    file = tmp_path / "two.json"
    file.write_text(
        json.dumps({"apps": apps, "workspaces": [{"name": "W"}], "workflows": [workflow]}), "utf-8"
    )
    contio = FakeContio(scenario=str(file), check_answers=True)
    first = Contio(api_key="api_key-one", client_id="one", transport=contio.handle)
    second = Contio(api_key="api_key-two", client_id="two", transport=contio.handle)
    (mine,) = first.admin.workflow_templates.list().items
    assert second.admin.workflow_templates.list().total == 0
    with pytest.raises(NotFound):
        second.admin.workflow_templates.get(mine.id)
    assert first.admin.workflow_templates.get(mine.id).spec == CHAIN


@pytest.mark.parametrize(("id_", "error"), [("w-1", (400, "bad_request")), (UNKNOWN_ID, (404, "not_found"))])
def test_a_template_that_is_none(contio: FakeContio, id_: str, error: tuple[int, str]) -> None:
    answer = contio.handle(Request("GET", f"{TEMPLATES}/{id_}", "", admin_headers()))
    assert (answer.status, json.loads(answer.body)["code"]) == error


@pytest.mark.parametrize(
    ("workflow", "name", "spec"),
    [
        ({"name": "A", "spec": CHAIN}, "A", CHAIN),
        ({"name": "A", **CHAIN}, "A", CHAIN),
        ({"spec": {"$id": "a", "name": "A", **CHAIN}}, "A", CHAIN),
        ({"$id": "a", "spec": {"name": "A", "spec": CHAIN}}, "A", CHAIN),
        ({"name": "A", "dag": CHAIN}, "A", CHAIN),
        ({"name": 7, "spec": []}, "Workflow", {"spec": []}),
        ({"name": "n" * 300}, "n" * 255, {}),
        ({}, "Workflow", {}),
    ],
)
def test_a_manifests_workflow_is_installed_whatever_its_shape(
    contio: FakeContio, workflow: Any, name: str, spec: Any
) -> None:
    found = contio.admin().admin.workflow_templates.get(install(contio, workflow))
    assert (found.name, found.spec) == (name, spec)


def test_an_installation_knows_its_workflows(contio: FakeContio) -> None:
    id_ = install(contio, {"name": "A"}, installation_id=UNKNOWN_ID)
    under = contio.sandbox.store.workflow_templates.under("owner", f"installation:{UNKNOWN_ID}")
    assert [template.id for template in under] == [id_]


# ---------------------------------------------------------------- start


def test_a_run_begins_pending_and_by_hand(contio: FakeContio) -> None:
    client = contio.client()
    me, meeting = client.user.profile.get(), client.user.meetings.list().items[0]
    template_id = install(contio, {"name": "Follow-up", "spec": CHAIN})
    run = launch(client, template_id, meeting.id, "meeting")
    assert (run.status, run.trigger_type, run.name) == ("pending", "manual", "Follow-up")
    assert (run.triggered_by, run.owner_user_id, run.workspace_id) == (me.id, me.id, me.workspace_id)
    assert (run.workflow_template_id, run.originating_id) == (template_id, meeting.id)
    assert (run.started_at, run.completed_at, run.current_step_ids) == (None, None, [])
    assert run.context_json == {
        "originating": {"type": "meeting", "id": meeting.id, "title": meeting.title},
        "steps": {},
    }
    assert now(contio, run) == run
    assert contio.events == []


GOOD = {"workflow_template_id": UNKNOWN_ID, "originating_id": CANVAS, "originating_type": "canvas"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"originating_type": "document"}, (400, "validation_error")),
        ({"originating_type": None}, (400, "validation_error")),
        ({"originating_id": "c-1"}, (400, "validation_error")),
        ({"originating_id": 1}, (400, "validation_error")),
        ({"workflow_template_id": "w-1"}, (400, "validation_error")),
        ({"trigger_type": "autopilot"}, (400, "validation_error")),
        ({"trigger_type": "manual"}, (404, "not_found")),
        ({}, (404, "not_found")),
    ],
)
def test_what_does_not_fit_starts_nothing(
    contio: FakeContio, raw: Any, changed: dict[str, Any], error: tuple[int, str]
) -> None:
    assert raw.code("POST", RUNS, {**GOOD, **changed}) == error
    for name in GOOD:
        assert raw.code("POST", RUNS, {k: v for k, v in GOOD.items() if k != name})[0] == 400
    assert raw.code("POST", RUNS, b"[") == (400, "invalid_request_body")
    contio.clock.advance("1m")
    assert contio.client().user.workflow_runs.list().total == 0
    assert contio.events == []


def test_a_template_of_another_workspace_is_not_found(contio: FakeContio) -> None:
    theirs = install(contio, {"name": "W", "spec": CHAIN}, "new@example.com")
    with pytest.raises(NotFound):
        launch(contio.client(), theirs)


def test_runs_need_the_plan_elite(contio: FakeContio) -> None:
    client = contio.client("linus@example.net")
    with pytest.raises(PlanRequired):
        launch(client, install(contio, {"name": "W", "spec": CHAIN}, "linus@example.net"))
    assert client.user.workflow_runs.list().total == 0


def test_an_inactive_template_is_a_profile_option() -> None:
    for choice in ("reject", "run"):
        contio = FakeContio(check_answers=True, profile={"workflow_inactive_template": choice})
        template_id = install(contio, {"name": "W", "is_active": False, "spec": CHAIN})
        if choice == "run":
            assert launch(contio.client(), template_id).status == "pending"
            continue
        with pytest.raises(BadRequest) as refused:
            launch(contio.client(), template_id)
        assert refused.value.code == "validation_error"


@pytest.mark.parametrize("choice", ["bad_request", "not_found", "accept"])
def test_a_meeting_that_the_user_cannot_see_is_a_profile_option(choice: str) -> None:
    contio = FakeContio(check_answers=True, profile={"workflow_unknown_meeting": choice})
    theirs = contio.client("linus@example.net").user.meetings.create(MeetingCreate(title="secret"))
    template_id = install(contio, {"name": "W", "spec": {"nodes": [{"id": "a", "type": "ai"}]}})
    for id_ in (theirs.id, UNKNOWN_ID):
        if choice == "accept":
            run = launch(contio.client(), template_id, id_, "meeting")
            contio.clock.advance("10s")
            done = now(contio, run)
            assert done.status == "completed"
            assert "secret" not in json.dumps(done.context_json)
            continue
        with pytest.raises(BadRequest if choice == "bad_request" else NotFound):
            launch(contio.client(), template_id, id_, "meeting")


def test_a_repeated_key_starts_one_run(contio: FakeContio, raw: Any) -> None:
    body = {**GOOD, "workflow_template_id": install(contio, {"name": "W", "spec": CHAIN})}
    answers = [raw("POST", RUNS, body, headers={"idempotency-key": "k"}) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert contio.client().user.workflow_runs.list().total == 1


@pytest.mark.parametrize("release", ["1.5", "1.6"])
def test_workflows_are_younger_than_release_1_6(release: str, raw_of: Any) -> None:
    contio = FakeContio(release=release, check_answers=True)
    assert raw_of(contio)("GET", RUNS).status == 404
    assert contio.handle(Request("GET", TEMPLATES, "", admin_headers())).status == 404


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", RUNS, "workflows:read"),
        ("POST", RUNS, "workflows:write"),
        ("GET", f"{RUNS}/{UNKNOWN_ID}", "workflows:read"),
    ],
)
def test_each_operation_needs_its_scope(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    other = "workflows:write" if scope == "workflows:read" else "workflows:read"
    for given, statuses in ((other, (403,)), (scope, (200, 404))):
        tokens = contio.client(scope=given).tokens
        assert tokens is not None
        assert raw_of(contio, token=tokens.access_token)(method, path, GOOD).status in statuses


# ---------------------------------------------------------------- walk


def test_a_run_goes_from_step_to_step_to_its_end(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    begun = contio.clock.now + timedelta(seconds=1)
    contio.clock.advance("1s")
    active = now(contio, run)
    assert (active.status, active.started_at, len(active.current_step_ids)) == ("active", begun, 1)
    assert event(contio, "run.started") == {
        "originating_id": CANVAS,
        "originating_type": "canvas",
        "run_id": run.id,
        "started_at": begun,
        "template_id": run.workflow_template_id,
        "trigger_type": "manual",
        "triggered_by": run.triggered_by,
        "workspace_id": run.workspace_id,
    }
    contio.clock.advance("1s")
    assert event(contio, "step.completed") == {
        "completed_at": contio.clock.now,
        "node_id": "a",
        "node_type": "step",
        "output_summary": {"status": "completed"},
        "run_id": run.id,
        "status": "completed",
        "step_id": active.current_step_ids[0],
    }
    assert now(contio, run).context_json["steps"] == {"a": {"status": "completed"}}
    assert now(contio, run).current_step_ids != active.current_step_ids
    contio.clock.advance("10s")
    done = now(contio, run)
    assert (done.status, done.current_step_ids) == ("completed", [])
    assert done.completed_at == begun + timedelta(seconds=2)
    assert event(contio, "run.completed") == {
        "completed_at": done.completed_at,
        "duration_ms": 2000,
        "final_status": "completed",
        "run_id": run.id,
        "template_id": run.workflow_template_id,
        "total_steps": 2,
        "workspace_id": run.workspace_id,
    }
    assert types(contio) == ["run.started", "step.completed", "step.completed", "run.completed"]


@pytest.mark.contio(profile={"workflow_queue_seconds": 0, "workflow_step_seconds": 0})
def test_without_delays_the_events_still_come_after_the_answer(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    assert run.status == "pending"
    assert contio.events == []
    assert now(contio, run).status == "completed"


@pytest.mark.parametrize(
    ("spec", "order"),
    [
        ({"nodes": [{"id": "only"}]}, ["only"]),
        ({"nodes": [{"id": 1}, {"id": 2}], "edges": [{"source": 2, "target": 1}]}, ["2", "1"]),
        ({"nodes": {"a": {"next": "b"}, "b": {}}}, ["a", "b"]),
        ({"nodes": {"a": {"next": {"done": "b"}}, "b": {}}}, ["a", "b"]),
        ({"nodes": [{"id": "b", "depends_on": ["a"]}, {"id": "a"}]}, ["a", "b"]),
        ({"steps": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}, ["a", "b", "c"]),
        ({"dag": CHAIN}, ["a", "b"]),
        ({"nodes": [{"$id": "a"}, {"key": "b"}], "links": [["a", "b"]]}, ["a", "b"]),
        (
            {
                "nodes": [{"id": i} for i in "abcd"],
                "edges": [["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"]],
            },
            ["a", "b", "c", "d"],
        ),
        (
            {
                "nodes": [
                    {"id": "if", "type": "branch", "config": {"default": "no"}},
                    {"id": "x"},
                    {"id": "y"},
                ],
                "edges": [
                    {"from": "if", "to": "x", "when": "yes"},
                    {"from": "if", "to": "y", "when": {"equals": False}},
                ],
            },
            ["if", "y"],
        ),
    ],
)
def test_graphs_are_read_in_the_shapes_that_people_write(
    contio: FakeContio, spec: dict[str, Any], order: list[str]
) -> None:
    run = launched(contio, spec)
    contio.clock.advance("1m")
    assert now(contio, run).status == "completed"
    assert walked(contio) == order


MANY = {"nodes": [{"id": n} for n in range(1001)]}
DENSE = {"nodes": [{"id": n} for n in range(2)], "edges": [[0, 1]] * 5001}


@pytest.mark.parametrize(
    ("spec", "said", "node"),
    [
        ({}, "no nodes", None),
        ({"nodes": []}, "no nodes", None),
        ({"nodes": "a"}, "no nodes", None),
        ({"nodes": [None]}, "node number 1", None),
        ({"nodes": [{"id": "a"}, {"name": "b"}]}, "node number 2", None),
        ({"nodes": [{"id": True}]}, "node number 1", None),
        ({"nodes": [{"id": ""}]}, "node number 1", None),
        ({"nodes": [{"id": "x" * 201}]}, "node number 1", None),
        ({"nodes": [{"id": 10**300}]}, "node number 1", None),
        ({"nodes": [{"id": "a"}, {"id": "a"}]}, "'a' twice", "a"),
        ({"nodes": [{"id": "a"}, {"id": "b"}]}, "connects", None),
        ({"nodes": [{"id": "a"}], "edges": {}}, "edges are no list", None),
        ({"nodes": [{"id": "a"}], "edges": [7]}, "edge number 1", None),
        ({"nodes": [{"id": "a"}], "edges": [{"from": "a"}]}, "edge number 1", None),
        ({"nodes": [{"id": "a"}], "edges": [["a", "z"]]}, "'z', which is no node", None),
        ({"nodes": [{"id": "a", "next": [{}]}]}, "'a' is connected", "a"),
        ({"nodes": [{"id": "a"}], "edges": [["a", "a"]]}, "leads back", "a"),
        (
            {"nodes": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "edges": [["a", "b"], ["b", "c"], ["c", "b"]]},
            "leads back to its node 'b'",
            "b",
        ),
        (MANY, "1001 nodes; at most 1000", None),
        (DENSE, "5001 edges; at most 5000", None),
    ],
)
def test_a_graph_that_cannot_be_run_fails_and_says_why(
    contio: FakeContio, spec: dict[str, Any], said: str, node: str | None
) -> None:
    run = launched(contio, spec)
    contio.clock.advance("1s")
    failed = now(contio, run)
    assert (failed.status, failed.completed_at, failed.current_step_ids) == ("failed", contio.clock.now, [])
    data = event(contio, "run.failed")
    assert said in data.pop("error_message")
    assert data == {
        "failed_at": contio.clock.now,
        "final_status": "failed",
        "node_id": node,
        "run_id": run.id,
        "step_id": None,
        "template_id": run.workflow_template_id,
        "workspace_id": run.workspace_id,
    }
    assert types(contio) == ["run.started", "run.failed"]


def test_the_largest_graph_is_walked(contio: FakeContio) -> None:
    nodes = [{"id": n} for n in range(1000)]
    fan = [[0, n] for n in range(1, 999)] + [[n, 999] for n in range(1, 999)]
    run = launched(contio, {"nodes": nodes, "edges": fan})
    contio.clock.advance("1m")
    assert now(contio, run).status == "completed"
    assert event(contio, "run.completed")["total_steps"] == 1000


def test_an_ai_step_speaks_of_the_meeting(contio: FakeContio) -> None:
    client = contio.client()
    meeting = next(m for m in client.user.meetings.list(limit=100).items if m.summary_notes)
    template_id = install(contio, {"name": "W", "spec": {"nodes": [{"id": "write", "type": "aiSummary"}]}})
    run = launch(client, template_id, meeting.id, "meeting")
    contio.clock.advance("10s")
    text = now(contio, run).context_json["steps"]["write"]["text"]
    assert meeting.title in text
    assert meeting.summary_notes in text


def test_a_template_that_goes_away_does_not_stop_its_run(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    templates = contio.sandbox.store.workflow_templates
    template = templates.get(run.workflow_template_id)
    assert template is not None
    templates.remove(template)
    contio.clock.advance("10s")
    assert now(contio, run).status == "completed"


# ---------------------------------------------------------------- tasks


def test_a_task_waits_for_its_decision(contio: FakeContio) -> None:
    run = launched(contio, APPROVAL)
    contio.clock.advance("1h")
    waiting = now(contio, run)
    assert (waiting.status, len(waiting.current_step_ids)) == ("active", 1)
    created = event(contio, "task.created")
    task_id = created.pop("task_id")
    assert created == {
        "assignee_user_id": run.owner_user_id,
        "created_at": contio.clock.now - timedelta(hours=1) + timedelta(seconds=1),
        "run_id": run.id,
        "task_type": "approval_task",
        "title": "Publish?",
        "workspace_id": run.workspace_id,
    }
    grace = contio.client("grace@example.com").user.profile.get()
    decided = decide(contio, run, "approved", task_id=task_id, reason="Fine", email="grace@example.com")
    assert decided.status == "active"
    assert event(contio, "task.resolved") == {
        "decision": "approved",
        "reason": "Fine",
        "resolved_at": contio.clock.now,
        "resolved_by": grace.id,
        "run_id": run.id,
        "task_id": task_id,
        "workspace_id": run.workspace_id,
    }
    assert decided.context_json["steps"]["ask"] == {
        "status": "completed",
        "decision": "approved",
        "resolved_by": grace.id,
        "reason": "Fine",
    }
    contio.clock.advance("10s")
    assert types(contio) == [
        "run.started",
        "task.created",
        "task.resolved",
        "step.completed",
        "step.completed",
        "run.completed",
    ]


@pytest.mark.contio(profile={"workflow_waiting_status": "frozen"})
def test_a_profile_may_freeze_a_run_that_only_waits(contio: FakeContio) -> None:
    run = launched(contio, APPROVAL)
    contio.clock.advance("1m")
    assert now(contio, run).status == "frozen"
    assert contio.client().user.workflow_runs.list(status="frozen").total == 1
    assert decide(contio, run, "yes").status == "active"
    contio.clock.advance("1m")
    assert now(contio, run).status == "completed"


@pytest.mark.contio(profile={"workflow_waiting_status": "frozen"})
def test_a_run_with_other_steps_is_active_beside_its_task(contio: FakeContio) -> None:
    run = launched(
        contio, {"nodes": [{"id": "go"}, {"id": "ask", "type": "task"}, {"id": "x"}], "edges": [["go", "x"]]}
    )
    contio.clock.advance("1s")
    assert now(contio, run).status == "active"
    contio.clock.advance("1m")
    assert now(contio, run).status == "frozen"


@pytest.mark.contio(profile={"workflow_task_seconds": 60})
def test_a_profile_may_let_tasks_be_approved_by_themselves(contio: FakeContio) -> None:
    run = launched(contio, APPROVAL)
    contio.clock.advance("60s")
    assert "task.resolved" not in types(contio)
    contio.clock.advance("10s")
    assert event(contio, "task.resolved")["resolved_by"] == run.owner_user_id
    assert now(contio, run).status == "completed"
    again = launched(contio, APPROVAL)
    contio.clock.advance("2s")
    decide(contio, again, "approved")
    contio.clock.advance("5m")
    assert types(contio).count("task.resolved") == 2, "a task is resolved once"


@pytest.mark.parametrize("choice", ["fail", "continue"])
def test_a_rejection_without_a_branch_is_a_profile_option(choice: str) -> None:
    contio = FakeContio(check_answers=True, profile={"workflow_rejection": choice})
    run = launched(contio, APPROVAL)
    contio.clock.advance("1s")
    step_id = now(contio, run).current_step_ids[0]
    decide(contio, run, "Rejected")
    contio.clock.advance("1m")
    if choice == "continue":
        assert now(contio, run).status == "completed"
        return
    assert now(contio, run).status == "failed"
    data = event(contio, "run.failed")
    assert (data["node_id"], data["step_id"]) == ("ask", step_id)
    assert data["error_message"] == "The task 'Publish?' was rejected."


@pytest.mark.parametrize(
    ("decision", "way"),
    [("approved", "publish"), ("yes", "publish"), ("reject", "revise"), ("later", "wait"), ("LATER", "wait"), ("?", "other")],
)  # fmt: skip
def test_a_decision_chooses_the_way(contio: FakeContio, decision: str, way: str) -> None:
    ways = {"approve": "publish", "rejected": "revise", "later": "wait", "else": "other"}
    nodes = [{"id": "ask", "type": "human"}, *({"id": name} for name in ways.values())]
    edges = [{"from": "ask", "to": name, "label": label} for label, name in ways.items()]
    run = launched(contio, {"nodes": nodes, "edges": edges})
    contio.clock.advance("1s")
    decide(contio, run, decision)
    contio.clock.advance("10s")
    assert walked(contio) == ["ask", way]
    assert now(contio, run).status == "completed"


@pytest.mark.parametrize(
    ("assignee", "expected"),
    [
        ("Grace@Example.com", "grace@example.com"),
        ("linus@example.net", "ada@example.com"),
        ("nobody", "ada@example.com"),
    ],
)
def test_a_task_is_given_to_whom_its_node_names_in_the_workspace(
    contio: FakeContio, assignee: str, expected: str
) -> None:
    launched(contio, {"nodes": [{"id": "ask", "type": "review", "config": {"assignee": assignee}}]})
    contio.clock.advance("1s")
    given = contio.sandbox.store.users.first("email", expected)
    assert given is not None
    assert event(contio, "task.created")["assignee_user_id"] == given.id


def test_the_demo_workflow_is_revised_when_rejected(contio: FakeContio) -> None:
    (template,) = (
        t for t in contio.admin().admin.workflow_templates.list().items if t.name == "Post-meeting follow-up"
    )
    run = launch(contio.client(), template.id)
    contio.clock.advance("10s")
    decide(contio, run, "rejected")
    contio.clock.advance("10s")
    assert walked(contio) == ["start", "draft", "approve", "revise", "send", "end"]
    assert now(contio, run).status == "completed"


# ---------------------------------------------------------------- simulations


def test_a_step_can_be_ended_now(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    begun = end_step(contio, run)
    assert (begun.status, len(begun.current_step_ids)) == ("active", 1)
    after = end_step(contio, run, node_id="a", output={"score": 7})
    assert after.context_json["steps"]["a"] == {"score": 7}
    assert event(contio, "step.completed")["output_summary"] == {"score": 7}
    assert end_step(contio, run, step_id=after.current_step_ids[0]).status == "completed"
    contio.clock.advance("1m")
    assert types(contio).count("step.completed") == 2, "a step ends once"


def test_a_step_can_be_made_to_fail(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    contio.clock.advance("1s")
    step_id = now(contio, run).current_step_ids[0]
    failed = end_step(contio, run, outcome="failed", error_message="No paper")
    assert (failed.status, failed.current_step_ids) == ("failed", [])
    data = event(contio, "run.failed")
    assert (data["error_message"], data["step_id"], data["node_id"]) == ("No paper", step_id, "a")
    contio.clock.advance("1m")
    assert types(contio) == ["run.started", "run.failed"]


def test_a_branch_can_be_chosen(contio: FakeContio) -> None:
    edges = [{"from": "if", "to": "x", "when": "big"}, {"from": "if", "to": "y", "when": "small"}]
    spec = {"nodes": [{"id": "if"}, {"id": "x"}, {"id": "y"}], "edges": edges}
    run = launched(contio, spec)
    contio.clock.advance("1s")
    end_step(contio, run, branch="small")
    contio.clock.advance("10s")
    assert walked(contio) == ["if", "y"]


def test_simulations_name_what_is_there(contio: FakeContio) -> None:
    run = launched(contio, APPROVAL)
    unknown = run.model_copy(update={"id": UNKNOWN_ID})
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: end_step(contio, unknown), NotFound, "not_found"),
        (lambda: decide(contio, unknown, "x"), NotFound, "not_found"),
        (lambda: end_step(contio, run, node_id="ask"), NotFound, "step_not_found"),
        (lambda: decide(contio, run, "x"), NotFound, "task_not_found"),
    ]
    after_start: list[tuple[Any, type[Exception], str]] = [
        (lambda: end_step(contio, run), Conflict, "step_is_task"),
        (lambda: end_step(contio, run, node_id="post"), NotFound, "step_not_found"),
        (lambda: decide(contio, run, "x", task_id=UNKNOWN_ID), NotFound, "task_not_found"),
        (lambda: decide(contio, run, "x", email="nobody@example.com"), BadRequest, "unknown_user"),
    ]
    at_the_end: list[tuple[Any, type[Exception], str]] = [
        (lambda: end_step(contio, run), Conflict, "run_over"),
        (lambda: decide(contio, run, "x"), Conflict, "run_over"),
    ]
    assert_refused(contio, cases)
    contio.clock.advance("1s")
    assert_refused(contio, after_start)
    end_step(contio, run, outcome="failed")
    assert_refused(contio, at_the_end)


def assert_refused(contio: FakeContio, cases: list[tuple[Any, type[Exception], str]]) -> None:
    before = types(contio)
    for attempt, kind, code in cases:
        with pytest.raises(kind) as refused:
            attempt()
        assert refused.value.code == code  # type: ignore[attr-defined]
    assert types(contio) == before


# ---------------------------------------------------------------- who sees and hears


@pytest.mark.parametrize("choice", ["workspace", "owner"])
def test_who_hears_of_a_run_is_a_profile_option(choice: str) -> None:
    contio = FakeContio(
        check_answers=True, profile={"workflow_audience": choice}, webhook_url="http://localhost:9/hook"
    )
    got: list[dict[str, Any]] = []
    contio.receiver = lambda out: got.append(json.loads(out.body)) or 200  # type: ignore[func-returns-value]
    launched(contio, APPROVAL)
    contio.clock.advance("10s")
    heard = {(e["event_type"], e["for_user"]["email"]) for e in got}
    colleagues = ["ada@example.com"] + (["grace@example.com"] if choice == "workspace" else [])
    kinds = ("workflow.run.started", "workflow.task.created")
    assert heard == {(kind, email) for kind in kinds for email in colleagues}
    assert all("actor_user_id" not in e for e in got)


def test_a_workspace_sees_its_runs_and_no_other_does(contio: FakeContio) -> None:
    run = launched(contio, CHAIN)
    colleague = contio.client("katherine@example.com")
    assert colleague.user.workflow_runs.get(run.id) == run
    assert colleague.user.workflow_runs.list().items == [run]
    stranger = contio.client("linus@example.net")
    assert stranger.user.workflow_runs.list().total == 0
    with pytest.raises(NotFound):
        stranger.user.workflow_runs.get(run.id)


@pytest.mark.parametrize(("id_", "error"), [("r-1", (400, "bad_request")), (UNKNOWN_ID, (404, "not_found"))])
def test_a_run_that_is_none(raw: Any, id_: str, error: tuple[int, str]) -> None:
    assert raw.code("GET", f"{RUNS}/{id_}") == error


def test_filters_combine(contio: FakeContio) -> None:
    client = contio.client()
    meeting = client.user.meetings.list().items[0]
    chain = install(contio, {"name": "Chain", "spec": CHAIN})
    asking = install(contio, {"name": "Asking", "spec": APPROVAL})
    made = [
        launch(client, chain),
        launch(client, chain, meeting.id, "meeting"),
        launch(client, asking),
        launch(client, asking, meeting.id, "meeting"),
    ]
    contio.clock.advance("1m")
    made.append(launch(client, chain))

    def listed(**given: Any) -> list[int]:
        ids = [run.id for run in made]
        return [ids.index(run.id) for run in client.user.workflow_runs.list(**given).items]

    assert listed() == [4, 3, 2, 1, 0]
    assert listed(status="completed") == [1, 0]
    assert listed(status="active", originating_type="meeting") == [3]
    assert listed(workflow_template_id=chain) == [4, 1, 0]
    assert listed(workflow_template_id=chain.upper(), status="pending") == [4]
    assert listed(workflow_template_id=asking, originating_type="canvas", status="active") == [2]
    assert listed(workflow_template_id="nothing") == []
    assert listed(status="cancelled") == []
    assert listed(limit=2, offset=2) == [2, 1]


@pytest.mark.parametrize("query", ["status=done", "originating_type=document", "limit=x", "offset=1.0"])
def test_a_wrong_filter_is_named(raw: Any, query: str) -> None:
    assert raw.code("GET", RUNS, query=query) == (400, "invalid_query_parameters")
