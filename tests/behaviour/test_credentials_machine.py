"""Rotations, rollbacks, the limit and the clock in any order, against a small model of what must be."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contio_mock import FakeContio
from contio_mock.contract.wire import Request, Response

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "60"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMIT = 3
PATHS = {"api_key": "api-key", "client_secret": "client-secret", "webhook_secret": "webhook-secret"}
APPS = ("first", "second")

KIND, APP = st.sampled_from(sorted(PATHS)), st.sampled_from(APPS)
WITH_ROLLBACK = st.sampled_from(["api_key", "client_secret"])
GRACE = st.sampled_from([None, 0, 1, 2, 24, 168, -1, 169])
STEP = st.sampled_from([1, 59 * 60, 3599, 3600, 3601, 23 * 3600, 86_399, 86_400, 7 * 86_400])


@dataclass
class Credential:
    """What the model knows of one credential of one app."""

    value: str
    former: dict[str, datetime] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    rotations: list[datetime] = field(default_factory=list)
    token: str | None = None
    token_ends: datetime | None = None
    undone_value: str = ""
    used_tokens: list[str] = field(default_factory=list)
    events: int = 0

    def valid(self, now: datetime) -> set[str]:
        return {self.value, *(value for value, ends in self.former.items() if now < ends)}

    def forget_token(self) -> None:
        if self.token is not None:
            self.used_tokens.append(self.token)
        self.token = None


class Machine(RuleBasedStateMachine):
    """Two apps whose credentials live side by side."""

    mode = "replace"

    def __init__(self) -> None:
        super().__init__()
        apps = [
            {"client_id": f"c_{n}", "client_secret": f"cs_{n}", "api_key": f"ctio_{n}",
             "webhook_secret": f"whs_{n}", "name": n, "company_name": n}
            for n in APPS
        ]  # fmt: skip
        with TemporaryDirectory() as folder:
            file = Path(folder) / "two.json"
            file.write_text(json.dumps({"apps": apps}), "utf-8")
            profile = {"rotation_while_pending": self.mode}
            self.contio = FakeContio(scenario=str(file), check_answers=True, profile=profile)
        self.model = {
            (n, kind): Credential(f"{prefix}_{n}")
            for n in APPS
            for kind, prefix in (("api_key", "ctio"), ("client_secret", "cs"), ("webhook_secret", "whs"))
        }

    @property
    def now(self) -> datetime:
        return self.contio.clock.now

    def send(self, app: str, method: str, path: str, body: Any = None, query: str = "") -> Response:
        headers = {"x-api-key": self.model[app, "api_key"].value, "x-client-id": f"c_{app}"}
        content = b"" if body is None else json.dumps(body).encode()
        return self.contio.handle(
            Request(method, f"/v1/partner/admin/credentials{path}", query, headers, content)
        )

    @rule(app=APP, kind=KIND, hours=GRACE)
    def rotate(self, app: str, kind: str, hours: int | None) -> None:
        known = self.model[app, kind]
        body = {"confirmation_token": "yes"} | ({} if hours is None else {"grace_period_hours": hours})
        answer = self.send(app, "POST", f"/{PATHS[kind]}/rotate", body)
        pending = {value: ends for value, ends in known.former.items() if self.now < ends}
        counted = [moment for moment in known.rotations if self.now < moment + DAY]
        graceful = kind != "webhook_secret"
        out_of_range = graceful and hours in (-1, 169)
        if out_of_range or (graceful and pending and self.mode == "reject"):
            assert answer.status == 400
            return
        if len(counted) >= LIMIT:
            assert answer.status == 429
            free = counted[-LIMIT] + DAY - self.now
            assert answer.header("retry-after") == str(int(free.total_seconds()))
            return
        rotated = json.loads(answer.body)
        self.note_rotation(known, rotated, graceful, 24 if hours is None else hours, pending)

    def note_rotation(
        self, known: Credential, rotated: Any, graceful: bool, hours: int, pending: dict[str, datetime]
    ) -> None:
        known.dead |= {*known.former, known.value} - {known.value}
        kept = pending if self.mode == "keep" else {}
        known.dead -= kept.keys()
        known.forget_token()
        known.undone_value = known.value
        known.former = {**kept, known.value: self.now + hours * HOUR} if graceful else {}
        if graceful:
            known.token, known.token_ends = rotated["rollback_token"], self.now + HOUR
        else:
            known.dead.add(known.value)
            assert "rollback_token" not in rotated
        known.value = rotated["new_credential"]
        known.rotations.append(self.now)
        known.events += 1

    @rule(app=APP, kind=WITH_ROLLBACK, old=st.booleans())
    def roll_back(self, app: str, kind: str, old: bool) -> None:
        known = self.model[app, kind]
        token = known.used_tokens[-1] if old and known.used_tokens else known.token or "rb_none"
        answer = self.send(app, "POST", f"/{PATHS[kind]}/rollback", {"rollback_token": token})
        if token != known.token or known.token_ends is None or self.now >= known.token_ends:
            assert answer.status == 400
            return
        assert (answer.status, answer.body) == (200, b"")
        known.dead.add(known.value)
        known.value = known.undone_value
        known.former.pop(known.value, None)
        known.dead.discard(known.value)
        known.forget_token()
        known.events += 1

    @rule(app=APP, other=APP, kind=WITH_ROLLBACK)
    def try_anothers_token(self, app: str, other: str, kind: str) -> None:
        token = self.model[other, kind].token
        if app != other and token is not None:
            answer = self.send(app, "POST", f"/{PATHS[kind]}/rollback", {"rollback_token": token})
            assert answer.status == 400

    @rule(seconds=STEP)
    def wait(self, seconds: int) -> None:
        self.contio.clock.advance(seconds)

    @rule(app=APP)
    def read_history(self, app: str) -> None:
        for kind in PATHS:
            answer = self.send(app, "GET", "/history", query=f"limit=100&credential_type={kind}")
            assert json.loads(answer.body)["pagination"]["count"] == min(100, self.model[app, kind].events)

    @invariant()
    def the_status_is_as_the_model_says(self) -> None:
        for app in APPS:
            status = json.loads(self.send(app, "GET", "").body)
            for kind in PATHS:
                known = self.model[app, kind]
                others = known.valid(self.now) - {known.value}
                assert status[kind]["status"] == ("pending_rotation" if others else "active")
                ends = max((known.former[value] for value in others), default=None)
                assert status[kind].get("grace_period_ends_at") == (
                    None if ends is None else f"{ends:%Y-%m-%dT%H:%M:%SZ}"
                )

    @invariant()
    def exactly_the_valid_ones_work(self) -> None:
        for (app, kind), known in self.model.items():
            valid = known.valid(self.now)
            for value in {*valid, *known.former, *sorted(known.dead)[-3:]}:
                if kind != "webhook_secret":
                    assert self.works(app, kind, value) is (value in valid), (app, kind, value)

    def works(self, app: str, kind: str, value: str) -> bool:
        if kind == "api_key":
            headers = {"x-api-key": value, "x-client-id": f"c_{app}"}
            return self.contio.handle(Request("GET", "/v1/partner/admin/app", "", headers)).status == 200
        form = f"grant_type=client_credentials&client_id=c_{app}&client_secret={value}".encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.contio.handle(Request("POST", "/oauth2/token", "", headers, form)).status == 200


@pytest.mark.parametrize("mode", ["replace", "keep", "reject"])
def test_credentials_in_any_order(mode: str) -> None:
    machine = type("MachineOfMode", (Machine,), {"mode": mode})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, EXAMPLES // 3),
            stateful_step_count=25,
            derandomize="CONTIO_FUZZ" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
