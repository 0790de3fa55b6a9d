"""Measure contio-mock beside bare Starlette and print one table: `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import in_process
import large_files
import lists
import load
import over_socket
import plugin_cost
import psutil
import webhooks
import wrk
from servers import Cpus
from table import Row, heading, lines

RESULTS = Path(__file__).with_name("results.json")
PACKAGES = ("contio-mock", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "pytest")


def measures(options: argparse.Namespace) -> dict[str, tuple[str, Callable[[], Iterator[Row]]]]:
    """Every group of rows by the name that `--only` takes: its title, and what measures it."""
    cpus, quick = Cpus.chosen(), options.quick
    offer = wrk.offer if options.wrk else load.offer
    return {
        "socket": (
            "Over a socket, 32 connections, beside bare Starlette + uvicorn",
            lambda: over_socket.measure_load(cpus, offer, quick=quick, patient=options.patient),
        ),
        "webhooks": (
            "Webhooks to a receiver on this machine, 32 at a time",
            lambda: webhooks.measure_webhooks(cpus, quick=quick),
        ),
        "cold": ("Cold start", lambda: over_socket.measure_cold_start(quick=quick)),
        "memory": ("Memory", lambda: over_socket.measure_memory(cpus, quick=quick)),
        "files": (
            "Large files over a socket",
            lambda: large_files.measure_large_files(cpus, quick=quick),
        ),
        "process": ("In process, no socket", lambda: in_process.measure_requests(quick=quick)),
        "sandbox": ("A fresh world", lambda: in_process.measure_sandbox(quick=quick)),
        "pages": (
            "A page of 25 and a new meeting among many, beside the same among 100",
            lambda: in_process.measure_pages(quick=quick),
        ),
        "lists": (
            "A page of 25 of every list among 100 000 records, beside the same page among 100",
            lambda: lists.measure_lists(quick=quick),
        ),
        "plugin": ("The pytest plugin, unused", lambda: plugin_cost.measure_plugin(quick=quick)),
    }


def surroundings() -> dict[str, Any]:
    """What the figures depend on, and how busy the machine is with other things."""
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_average": list(psutil.getloadavg()),
        "others_percent": psutil.cpu_percent(1.0),
    }


def report(chosen: dict[str, tuple[str, Callable[[], Iterator[Row]]]]) -> dict[str, list[Row]]:
    """Measure and print, group by group."""
    found: dict[str, list[Row]] = {}
    for name, (title, measure) in chosen.items():
        print(heading(title), flush=True)
        found[name] = []
        for row in measure():
            found[name].append(row)
            print(lines([row]), flush=True)
    return found


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds: a look, not a result")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="measure these groups only")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures go")
    parser.add_argument("--wrk", action="store_true", help="load with wrk, which must be installed")
    parser.add_argument("--patient", action="store_true", help="wait for a quiet machine before each load")
    options = parser.parse_args()
    unknown = set(options.only or ()) - set(measures(options))
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(measures(options))}")
    return options


def main() -> None:
    """Run what was asked for."""
    options = arguments()
    chosen = {
        name: measure
        for name, measure in measures(options).items()
        if options.only is None or name in options.only
    }
    before = surroundings()
    print(
        f"Python {before['python']}, {before['cpus']} CPUs, {before['others_percent']:.0f} % busy with other"
        f" things before the start{'; quick' if options.quick else ''}"
    )
    found = report(chosen)
    after = surroundings()
    print(f"\n{after['others_percent']:.0f} % busy with other things after the end.")
    rows = {name: [row.record() for row in group] for name, group in found.items()}
    result = {"before": before, "after": after, "quick": options.quick, "measures": rows}
    options.json.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
