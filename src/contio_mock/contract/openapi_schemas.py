"""JSON schemas of the contract's types as one release has them, with the words beside their declarations.

Pydantic writes the schemas; here they lose what the release does not have and gain what stands as a
string under each field. Sources are read when a document is made, never at import time.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from contio_mock.contract.codec import model_in
from contio_mock.contract.operation import adapter, lifetime_of, metadata
from contio_mock.contract.release import Release
from contio_mock.contract.wire import Upload

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from pydantic_core import core_schema

K = TypeVar("K")
Schema = dict[str, Any]
Use = Literal["request", "form", "answer"]
"""How a type travels: a form has no null, and an answer leaves absent members out."""

REF = "#/components/schemas/{model}"
_MARKS = ("x-since", "x-until", "x-value-lifetimes")
_MODES: dict[Use, JsonSchemaMode] = {
    "request": "validation",
    "form": "validation",
    "answer": "serialization",
}
_LIBRARIES = ("builtins", "typing", "pydantic")
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}


def schemas(wanted: Mapping[K, tuple[Use, Any]], release: Release) -> tuple[dict[K, Schema], Schema]:
    """The schema of each wanted type, and the named schemas that they refer to."""
    forms = frozenset(model_in(kind) for use, kind in wanted.values() if use == "form")
    written, definitions = TypeAdapter.json_schemas(
        [(key, _MODES[use], adapter(kind)) for key, (use, kind) in wanted.items()],
        ref_template=REF,
        schema_generator=_generator(release, forms),
    )
    named: Schema = definitions.get("$defs", {})
    names = _names(named)
    clean = {key: _finished(schema, names, release) for (key, _), schema in written.items()}
    named = {names[name]: _finished(schema, names, release) for name, schema in named.items()}
    return clean, {name: _untitled(named[name]) for name in sorted(named)}


def without_null(schema: Schema) -> Schema:
    """A schema of `X | None` as one of X."""
    choices = schema.get("anyOf", [])
    kept = [choice for choice in choices if choice != {"type": "null"}]
    if len(kept) == len(choices):
        return schema
    rest = {k: v for k, v in schema.items() if k != "anyOf" and (k, v) != ("default", None)}
    return {**(kept[0] if len(kept) == 1 else {"anyOf": kept}), **rest}


def _may_be_null(schema: Schema) -> bool:
    return without_null(schema) != schema or schema.get("default", ...) is None


def described(kind: type) -> dict[str, str]:
    """What stands as a string under each field of a class, inherited fields included."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.partition(".")[0] not in _LIBRARIES:
            found |= _attribute_docs(base.__module__).get(base.__name__, {})
    return found


@cache
def _attribute_docs(module: str) -> dict[str, dict[str, str]]:
    """The attribute docstrings of every class of a module."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}  # made while running: no source, no words
    return {node.name: _docs_in(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _docs_in(node: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(ast.Constant(str(words))):
                    found[field.target.id] = inspect.cleandoc(words)
    return found


def _generator(release: Release, forms: frozenset[Any]) -> type[GenerateJsonSchema]:
    """Pydantic's generator, with models as the release has them."""

    class Generator(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

        def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
            kind = schema["cls"]
            answer = self.mode == "serialization" and not getattr(kind, "kept_as_sent", False)
            written = super().model_schema(schema)
            members = _Members(kind, release, answer=answer, nulls=not answer and kind not in forms)
            generic = kind.__pydantic_generic_metadata__["origin"]
            words = {"description": inspect.cleandoc(generic.__doc__)} if generic else {}
            return {**words, **members.shown(written)}

        def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
            return dict(_FILE) if schema["cls"] is Upload else super().is_instance_schema(schema)

    return Generator


class _Members:
    """The members of one model, as one release shows them."""

    def __init__(self, kind: type[BaseModel], release: Release, *, answer: bool, nulls: bool) -> None:
        self.docs = described(kind)
        self.answer, self.nulls = answer, nulls
        self.dead, self.names = set(), {}
        for name, info in kind.model_fields.items():
            wire_name = _wire_name(name, info, answer=answer)
            self.names[wire_name] = name
            if info.exclude or not lifetime_of(marks(info)).lives_in(release):
                self.dead.add(wire_name)

    def shown(self, schema: Schema) -> Schema:
        """The model's schema without what is dead, with the words of its fields."""
        written = {k: v for k, v in schema.get("properties", {}).items() if k not in self.dead}
        required = [k for k in schema.get("required", []) if k in written]
        if self.answer:  # absent members are left out, everything else is always there
            required = [k for k, v in written.items() if not _may_be_null(v)]
        shown = {**schema, "properties": {k: self._member(k, v) for k, v in written.items()}}
        shown["required"] = required
        if not required:
            del shown["required"]
        if shown.get("additionalProperties") is False:  # unknown members are ignored on the wire
            del shown["additionalProperties"]
        return shown

    def _member(self, wire_name: str, schema: Schema) -> Schema:
        schema = schema if self.nulls else without_null(schema)
        drop_default = self.answer or schema.get("default", ...) is None
        member = {k: v for k, v in schema.items() if not (k == "default" and drop_default)}
        words = self.docs.get(self.names.get(wire_name, ""))
        return {**member, "description": words} if words else member


def marks(info: FieldInfo) -> tuple[Any, ...]:
    """What `Annotated` put on a field of a model."""
    return tuple(info.metadata) + metadata(info.annotation)


def _wire_name(name: str, info: FieldInfo, *, answer: bool) -> str:
    alias = info.serialization_alias if answer else info.validation_alias
    return alias if isinstance(alias, str) else info.alias or name


def _names(definitions: Schema) -> dict[str, str]:
    """The name of each schema in the document: a generic model's is the one it gives itself."""
    titles = Counter(schema.get("title") for schema in definitions.values())
    return {
        name: schema["title"] if name.endswith("_") and titles[schema.get("title")] == 1 else name
        for name, schema in definitions.items()
    }


def _untitled(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "title"}


def _finished(node: Any, names: Mapping[str, str], release: Release) -> Any:
    """A schema under its final names, without marks and without values that the release lacks."""
    if isinstance(node, list):
        return [_finished(item, names, release) for item in node]
    if not isinstance(node, dict):
        return node
    lifetimes = node.get("x-value-lifetimes", {})
    dead = {value for value, life in lifetimes.items() if not _alive(life, release)}
    kept = {key: value for key, value in node.items() if key not in _MARKS}
    kept = _without_values(kept, dead) if dead else kept
    if isinstance(kept.get("$ref"), str):  # a manifest has a member of that name
        prefix = REF.format(model="")
        name = kept["$ref"].removeprefix(prefix)
        kept["$ref"] = prefix + names.get(name, name)
    return {key: _finished(value, names, release) for key, value in kept.items()}


def _alive(life: list[str | None], release: Release) -> bool:
    first, last = life
    return Release.parse(first or "") <= release and (last is None or release < Release.parse(last))


def _without_values(node: Any, dead: set[str]) -> Any:
    """A schema whose enumerations, however deep, lost some values."""
    if isinstance(node, list):
        return [_without_values(item, dead) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: [v for v in value if v not in dead] if key == "enum" else _without_values(value, dead)
        for key, value in node.items()
    }
