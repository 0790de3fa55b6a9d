"""Properties of what the clock does: turns stay in order, and every workflow ends or waits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contio_mock import Contio, FakeContio
from contio_mock.client import Conflict
from contio_mock.contract.chat import MessageSend, SessionCreate, Turn
from contio_mock.contract.simulate_chat import ChatTurnEnd, SessionEnd
from contio_mock.contract.simulate_workflows import WorkflowTaskEnd
from contio_mock.contract.wire import Request
from contio_mock.contract.workflows import WorkflowRun, WorkflowRunCreate
from contio_mock.fake.processes.workflows import install_workflow
from contio_mock.fake.sandbox import Context

CANVAS = "11111111-1111-4111-8111-111111111111"

repeatable = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

# ---------------------------------------------------------------- chat

actions = st.lists(
    st.one_of(
        st.just(("send",)),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1.0, 2.0, 5.0, 30.0])),
        st.tuples(st.just("end"), st.integers(0, 9), st.sampled_from(["completed", "failed"])),
        st.just(("expire",)),
    ),
    max_size=14,
)


def act(contio: FakeContio, client: Contio, session_id: str, action: tuple[Any, ...]) -> None:
    """Do one of the things that happen to a session; some come too late, and are refused."""
    simulate = contio.control.mock.simulate
    try:
        match action:
            case ("send",):
                client.user.sessions.send(session_id, MessageSend(message="more"))
            case ("advance", seconds):
                contio.clock.advance(seconds)
            case ("end", number, outcome):
                turns = client.user.sessions.get(session_id, turn_limit=200).turns
                turn = turns[number % len(turns)]
                simulate.chat_turn(ChatTurnEnd(turn_id=turn.id, outcome=outcome))
            case _:
                simulate.session_expired(SessionEnd(session_id=session_id))
    except Conflict:
        pass


def assert_in_order(turns: list[Turn]) -> None:
    users = [turn.sequence_number for turn in turns if turn.role == "user"]
    agents = [turn.sequence_number for turn in turns if turn.role == "agent"]
    assert users == list(range(1, 2 * len(users), 2))
    assert len(set(agents)) == len(agents)
    assert {number - 1 for number in agents} <= set(users)
    processing = [turn for turn in turns if turn.status == "processing"]
    assert sum(turn.role == "user" for turn in processing) <= 1
    by_number = {turn.sequence_number: turn for turn in turns}
    for number in users:
        answer = by_number.get(number + 1)
        if by_number[number].status != "queued":
            assert answer is not None
            assert answer.status == by_number[number].status


@pytest.mark.parametrize("appears", ["when_processed", "when_queued"])
@repeatable
@given(steps=actions, expiry=st.sampled_from([0.0, 3.0, 20.0, 86_400.0]))
def test_turns_alternate_without_gaps_and_nothing_is_processed_after_expiry(
    appears: str, steps: list[tuple[Any, ...]], expiry: float
) -> None:
    contio = FakeContio(
        check_answers=True, profile={"chat_agent_turn": appears, "chat_expiry_seconds": expiry}
    )
    client = contio.client()
    session_id = client.user.sessions.create(SessionCreate(message="first")).id
    for action in steps:
        act(contio, client, session_id, action)
        shown = client.user.sessions.get(session_id, turn_limit=200)
        assert_in_order(shown.turns)
        assert shown.session.turn_count == shown.turn_pagination.total == len(shown.turns)
    contio.clock.advance("2h")
    turns = client.user.sessions.get(session_id, turn_limit=200).turns
    assert [turn.sequence_number for turn in turns] == list(range(1, len(turns) + 1))
    assert [turn.role for turn in turns] == ["user", "agent"] * (len(turns) // 2)
    assert {turn.status for turn in turns} <= {"completed", "failed"}
    kinds = [emitted.event.type for emitted in contio.events]
    assert len(kinds) - kinds.count("session.expired") == len(turns) // 2
    if "session.expired" in kinds:
        assert kinds.index("session.expired") == len(kinds) - 1


# ---------------------------------------------------------------- workflows

labels = st.sampled_from([None, None, "approved", "rejected", "later", "else"])
node_types = st.sampled_from(["step", "ai", "notify", "approval_task", "branch", ""])


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Any directed graph without a way back: edges lead from smaller to larger numbers."""
    size = draw(st.integers(1, 9))
    nodes = [{"id": f"n{n}", "type": draw(node_types)} for n in range(size)]
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), labels)
    edges = [
        {"from": f"n{a}", "to": f"n{b}", "when": label}
        for a, b, label in draw(st.lists(pairs, max_size=16))
        if a < b
    ]
    return {"nodes": draw(st.permutations(nodes)), "edges": edges}


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["id", "nodes", "edges", "steps", "next", "from", "to", "type", "name", "dag", "config"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)  # fmt: skip


def ran(contio: FakeContio, spec: dict[str, Any]) -> WorkflowRun:
    """A run of that graph after a long time."""
    client = contio.client()
    ctx = Context(contio.sandbox, Request("", ""), "", "")
    template = install_workflow(ctx, client.user.profile.get().workspace_id, {"name": "W", "spec": spec})
    wish = WorkflowRunCreate(
        workflow_template_id=template.id, originating_id=CANVAS, originating_type="canvas"
    )
    run = client.user.workflow_runs.create(wish)
    contio.clock.advance("1h")
    return client.user.workflow_runs.get(run.id)


@repeatable
@given(spec=graphs(), decisions=st.lists(st.sampled_from(["approved", "rejected", "later", "?"]), max_size=9))
def test_any_graph_ends_or_waits_for_a_task(spec: dict[str, Any], decisions: list[str]) -> None:
    contio = FakeContio(check_answers=True)
    run = ran(contio, spec)
    for decision in [*decisions, *["approved"] * 9]:
        if not run.current_step_ids:
            break
        waiting = contio.sandbox.store.workflow_tasks.under("open", run.id)
        assert sorted(task.step_id for task in waiting) == sorted(run.current_step_ids)
        contio.control.mock.simulate.workflow_task(WorkflowTaskEnd(run_id=run.id, decision=decision))
        contio.clock.advance("1h")
        run = contio.client().user.workflow_runs.get(run.id)
    assert run.status in ("completed", "failed")
    kinds = [emitted.event.type for emitted in contio.events]
    assert kinds[-1] == f"workflow.run.{run.status}"
    done: list[Any] = [e.event for e in contio.events if e.event.type == "workflow.step.completed"]
    assert len({event.node_id for event in done}) == len(done), "no node is walked twice"
    if run.status == "completed":
        last: Any = contio.events[-1].event
        assert last.total_steps == len(done)
        assert set(run.context_json["steps"]) == {event.node_id for event in done}


@repeatable
@given(spec=st.dictionaries(st.sampled_from(["nodes", "steps", "edges", "dag", "graph"]), json_values))
def test_any_json_at_all_ends_or_waits(spec: dict[str, Any]) -> None:
    contio = FakeContio(check_answers=True)
    run = ran(contio, spec)
    assert run.status in ("completed", "failed", "active")
    if run.status == "active":
        assert contio.sandbox.store.workflow_tasks.count("open", run.id) == len(run.current_step_ids)
    if run.status == "failed":
        failure: Any = contio.events[-1].event
        assert failure.error_message.endswith(".")
