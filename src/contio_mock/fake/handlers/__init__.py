"""One file per slice: short functions (ctx, op) -> result, bound to their operations."""

from __future__ import annotations


def load() -> None:
    """Bind every handler to its operation."""
    from contio_mock.fake.handlers import (  # noqa: F401, PLC0415
        action_items,
        admin_action_buttons,
        admin_next_steps,
        admin_templates,
        agenda_items,
        app,
        attachments,
        automations,
        backlog_items,
        calendar,
        chat,
        connections,
        context,
        control,
        control_idp,
        control_state,
        control_traffic,
        credentials,
        idp,
        meetings,
        next_steps,
        oauth,
        openid,
        participants,
        profile,
        simulate_apps,
        simulate_backlog,
        simulate_calendar,
        simulate_chat,
        simulate_idp,
        simulate_meetings,
        simulate_workflows,
        sso,
        templates,
        toolkit_management,
        toolkit_versions,
        toolkits,
        webhooks,
        workflows,
    )
