"""The rules of the house, so that they cannot rot."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import contio_mock
from contio_mock.contract.operation import HANDLERS, OPERATIONS
from contio_mock.contract.registry import SLICES, partner_operations
from contio_mock.contract.release import Release
from contio_mock.fake import handlers

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "pytest_plugin").rglob("*.py")])
LONGEST_FILE = 400
LONGEST_FUNCTION = 45
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS = {
    "cli.py:serve": "the options of a command, one per line",
    "contract/operation.py:endpoint": "the keywords of a declaration, one per line",
}
"""What is longer than the rules allow, and why."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix().removeprefix("src/contio_mock/")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def test_modules_import_only_what_they_may() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert long.keys() - LONG_FILES.keys() == set(), long
    assert LONG_FILES.keys() - long.keys() == set(), "no exception is needed any more"


def test_no_function_is_too_long() -> None:
    long = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long.keys() - LONG_FUNCTIONS.keys() == set(), long
    assert LONG_FUNCTIONS.keys() - long.keys() == set(), "no exception is needed any more"


def test_no_module_is_named_after_nothing() -> None:
    assert [name_of(path) for path in SOURCES if path.stem in NO_NAMES or path.parent.name in NO_NAMES] == []


def test_every_operation_has_exactly_one_handler() -> None:
    handlers.load()
    assert [operation.__name__ for operation in OPERATIONS if operation not in HANDLERS] == []
    assert HANDLERS.keys() == set(OPERATIONS)
    bound = Counter(
        match
        for path in (ROOT / "src/contio_mock/fake/handlers").glob("*.py")
        for match in re.findall(r"^@(\w+)\.handler$", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert bound == Counter(operation.__name__ for operation in OPERATIONS)
    assert {operation for release in Release for operation in partner_operations(release)} <= HANDLERS.keys()


def test_a_handler_has_the_name_of_its_operation() -> None:
    handlers.load()
    for operation, handler in HANDLERS.items():
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation.__name__).lower()
        assert handler.__name__ == snake


def test_every_slice_is_in_the_registry() -> None:
    declaring = {operation.__module__ for operation in OPERATIONS}
    assert declaring == {module.__name__ for module in SLICES}


def test_the_order_of_operations_does_not_depend_on_who_imports_first() -> None:
    """Documents are made from it, and must be the same in every process."""
    ask = (
        "from contio_mock.contract import registry, release\n"
        "print([*registry.partner_operations(release.LATEST), *registry.control_operations()])"
    )
    orders = {
        subprocess.run(
            [sys.executable, "-c", f"{first}\n{ask}"], capture_output=True, text=True, check=True
        ).stdout
        for first in (
            "",
            "import contio_mock.fake.handlers",
            "import contio_mock.client",
            "import contio_mock.fake_contio",
        )
    }
    assert len(orders) == 1


def test_the_package_exports_what_it_says() -> None:
    assert sorted(contio_mock.__all__) == contio_mock.__all__
    for name in contio_mock.__all__:
        assert getattr(contio_mock, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        contio_mock.nothing  # noqa: B018 - reading it is the test
    public = {name for name in vars(contio_mock) if not name.startswith("_")}
    submodules = {path.stem for path in (ROOT / "src/contio_mock").iterdir()}
    assert public - submodules - {"Any", "TYPE_CHECKING", "annotations", "VERSION"} <= set(
        contio_mock.__all__
    )


def test_no_file_names_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    named = re.compile(
        "|".join(f"(?<![\\w.~}}:/])/{word}/" for word in ("root", "work", "tmp", "home/[a-z]+", "Users"))
    )
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {line.strip()[:120]}" for line in text.splitlines() if named.search(line)]
    assert found == []
