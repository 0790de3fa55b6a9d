"""Workflow templates, runs, and the tasks that runs wait for."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from pydantic import Field

from contio_mock.contract.shared import Model, Timestamp
from contio_mock.contract.workflows import WorkflowRun, WorkflowTemplateSummary
from contio_mock.fake.rules.workflows import Walk


class WorkflowTemplateRecord(WorkflowTemplateSummary):
    """A workflow template with its graph."""

    spec: dict[str, Any] = Field(exclude=True)
    app_id: str | None = Field(default=None, exclude=True)
    """The partner app whose toolkit brought it."""
    installation_id: str | None = Field(default=None, exclude=True)
    """The toolkit installation that brought it."""


class RunRecord(WorkflowRun):
    """A workflow run with the state of its walk."""

    spec: dict[str, Any] = Field(exclude=True)
    """The template's graph when the run was created; a later change does not reach it."""
    walk: Walk | None = Field(default=None, exclude=True)
    """How far it has come, from its start on."""
    steps: Mapping[str, str] = Field(default={}, exclude=True)
    """The node of each current step, by the step's id."""
    finished_steps: int = Field(default=0, exclude=True)

    @property
    def begun(self) -> Walk:
        """How far a run has come that is neither pending nor over."""
        assert self.walk is not None  # noqa: S101 - a run has a walk from its start on
        return self.walk


class TaskRecord(Model):
    """A decision that a run waits for."""

    id: str
    run_id: str
    step_id: str
    node_id: str
    assignee_user_id: str
    task_type: str
    title: str
    created_at: Timestamp
    decision: str | None = None
    """None while nobody has decided."""


def task_keys(task: TaskRecord) -> Iterable[str]:
    """The key of a task that is open: its run."""
    if task.decision is None:
        yield task.run_id


def template_keys(template: WorkflowTemplateRecord) -> Iterable[str]:
    """The keys of a template: its workspace, its app, its installation."""
    yield f"workspace:{template.workspace_id}"
    if template.app_id is not None:
        yield f"app:{template.app_id}"
    if template.installation_id is not None:
        yield f"installation:{template.installation_id}"


def run_key(
    workspace_id: str,
    status: str | None = None,
    template_id: str | None = None,
    originating_type: str | None = None,
) -> str:
    """The key of a workspace's runs: all of them, or those that filters choose."""
    return f"{workspace_id}/{status or ''}/{template_id or ''}/{originating_type or ''}"


def run_keys(run: RunRecord) -> Iterable[str]:
    """The keys of a run, one for each combination of filters."""
    for filters in product(
        (None, run.status), (None, run.workflow_template_id), (None, run.originating_type)
    ):
        yield run_key(run.workspace_id, *filters)
