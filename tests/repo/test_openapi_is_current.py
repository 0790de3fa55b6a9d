"""The OpenAPI documents in the repository are those of the declarations, and valid."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contio_mock.contract import openapi

DIRECTORY = Path(__file__).parents[2] / "openapi"
DOCUMENTS = openapi.documents()

every_document = pytest.mark.parametrize("name", DOCUMENTS)


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    items = [*document["paths"].values(), *document.get("webhooks", {}).values()]
    return [operation for item in items for operation in item.values()]


def test_the_files_are_what_the_declarations_say() -> None:
    assert openapi.stale(DIRECTORY) == [], "the declarations changed: run contio-mock openapi"


def test_a_file_that_differs_is_missing_or_is_left_over_is_stale(tmp_path: Path) -> None:
    first, second, *_ = openapi.write(tmp_path)
    assert openapi.stale(tmp_path) == []
    first.unlink()
    second.write_text("{}\n", encoding="utf-8")
    (tmp_path / "contio-partner-0.9.json").write_text("{}\n", encoding="utf-8")
    assert openapi.stale(tmp_path) == sorted([first.name, second.name, "contio-partner-0.9.json"])


@every_document
def test_a_document_is_valid_openapi_3_1(name: str) -> None:
    OpenAPIV31SpecValidator(DOCUMENTS[name]).validate()


@every_document
def test_an_operation_id_is_unique(name: str) -> None:
    ids = Counter(operation["operationId"] for operation in operations(DOCUMENTS[name]))
    assert [id_ for id_, count in ids.items() if count > 1] == []


@every_document
def test_a_component_is_referred_to(name: str) -> None:
    text = openapi.text(DOCUMENTS[name])
    components = DOCUMENTS[name]["components"]
    unused = [
        f"{section}/{part}"
        for section in components.keys() - {"securitySchemes"}
        for part in components[section]
        if f'"#/components/{section}/{part}"' not in text
    ]
    assert unused == []


@every_document
def test_no_mark_of_a_lifetime_is_left(name: str) -> None:
    text = openapi.text(DOCUMENTS[name])
    assert not any(f'"{mark}"' in text for mark in ("x-since", "x-until", "x-value-lifetimes"))


def test_a_document_is_the_same_each_time() -> None:
    assert {name: openapi.text(one) for name, one in openapi.documents().items()} == {
        name: openapi.text(one) for name, one in DOCUMENTS.items()
    }
