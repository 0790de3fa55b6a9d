"""The same load from `wrk`, for those who have it: a check of our own load generator."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from load import Load, Outcome

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def offer(load: Load) -> Outcome:
    """Run a load with wrk, warm-up included; raises RuntimeError when an answer failed."""
    if load.requests:
        raise RuntimeError("wrk counts seconds, not requests")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(_script(load), "utf-8")
        warming = _answers(_run(load, script, load.warmup))
        return _outcome(_run(load, script, load.seconds), warming)


def _script(load: Load) -> str:
    """Method, headers and body as wrk takes them; an ASCII JSON string is a Lua string too."""
    headers = [
        f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in load.headers.items()
    ]
    body = [f"wrk.body = {json.dumps(load.body)}"] if load.body else []
    return "\n".join([f"wrk.method = {json.dumps(load.method)}", *body, *headers])


def _run(load: Load, script: Path, seconds: float) -> str:
    pinned = [] if load.cpu is None else ["taskset", "-c", str(load.cpu)]
    time = max(1, round(seconds))
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{time}s", "--latency", "-s", str(script)]
    done = subprocess.run(
        [*pinned, *command, load.url + load.path], capture_output=True, text=True, check=True
    )
    return done.stdout


def _outcome(report: str, warming: int) -> Outcome:
    failures = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", report)
    if failures:
        raise RuntimeError(f"wrk: {failures.group(0)}")
    rate = float(_found(r"Requests/sec:\s+([\d.]+)", report)[0])
    count = _answers(report)
    p50, p99 = (_milliseconds(*_found(rf"\s{part}%\s+([\d.]+)(us|ms|s)", report)) for part in (50, 99))
    return Outcome(rate, p50, p99, count, 0, 0.0, warming + count)


def _answers(report: str) -> int:
    return int(_found(r"(\d+) requests in", report)[0])


def _milliseconds(figure: str, unit: str) -> float:
    return float(figure) * _UNITS[unit]


def _found(pattern: str, report: str) -> tuple[str, ...]:
    match = re.search(pattern, report)
    if match is None:
        raise RuntimeError(f"wrk said nothing like {pattern}")
    return match.groups()
