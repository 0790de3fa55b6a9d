"""What an API document says about each operation and event, as facts that can be compared.

A subject is an operation ("GET /path") or an event; its facts are names such as "body title" with what
the document says of them, such as {"type": "string", "maxLength": "255", "required": "yes"}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Facts = dict[str, dict[str, str]]

_METHODS = ("get", "put", "post", "patch", "delete")
_LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")
_DEEPEST = 7


class Document:
    """An OpenAPI 2.0 or 3.1 or AsyncAPI document."""

    def __init__(self, root: Json) -> None:
        self.root = root

    def operations(self) -> Iterator[tuple[str, Json]]:
        for path, methods in self.root["paths"].items():
            for method in _METHODS:
                if method in methods:
                    yield f"{method.upper()} {path}", methods[method]

    def resolved(self, node: Json) -> Json:
        """A schema or parameter with its references followed, its parts merged and null left out."""
        while "$ref" in node:
            target: Any = self.root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
        merged: Json = {k: v for k, v in node.items() if k not in ("allOf", "anyOf")}
        choices = [c for c in node.get("anyOf", []) if c != {"type": "null"}]
        for part in [*node.get("allOf", []), *choices]:
            merged = _merged(merged, self.resolved(part))
        return merged

    def members(self, schema: Json, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Json, bool]]:
        """Every member of a schema with its path, at any depth, and whether it is required."""
        schema = self.resolved(schema)
        if depth > _DEEPEST:
            return
        for name, member in schema.get("properties", {}).items():
            path = f"{prefix}.{name}".lstrip(".")
            yield path, self.resolved(member), name in schema.get("required", [])
            yield from self.members(member, path, depth + 1)
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(schema.get(keyword), dict):
                yield from self.members(schema[keyword], prefix + mark, depth + 1)


def _merged(left: Json, right: Json) -> Json:
    both = {**right, **left}
    if "properties" in left and "properties" in right:
        shared = left["properties"].keys() & right["properties"].keys()
        both["properties"] = {**right["properties"], **left["properties"]}
        for name in shared:
            both["properties"][name] = {"allOf": [left["properties"][name], right["properties"][name]]}
    both["required"] = [*right.get("required", []), *left.get("required", [])]
    return both


def _said(schema: Json) -> dict[str, str]:
    """The type, values, default and limits of a schema; a limit that limits nothing is left out."""
    items = schema.get("items", {})
    kind = schema.get("type", "")
    kind = "" if isinstance(kind, list) else kind
    if schema.get("contentMediaType") == "application/octet-stream":
        kind = "file"  # as Swagger 2.0 calls it
    said = {"type": kind} if kind else {}
    values = schema.get("enum") or items.get("enum") or ([schema["const"]] if "const" in schema else [])
    if values:
        said["enum"] = "|".join(sorted(map(str, values)))
    if "default" in schema:
        said["default"] = str(schema["default"])
    for limit in _LIMITS:
        if schema.get(limit) is not None and (limit, schema[limit]) != ("minLength", 0):
            said[limit] = f"{schema[limit]:g}"
    return said


def _member_facts(document: Document, schema: Json, prefix: str, *, required: bool) -> Facts:
    facts: Facts = {}
    for path, member, needed in document.members(schema):
        said = _said(member)
        if required:
            said["required"] = "yes" if needed else "no"
        else:
            said = {key: value for key, value in said.items() if key in ("type", "enum")}
        facts[f"{prefix} {path}"] = said
    return facts


def _answer_facts(document: Document, operation: Json, schema_of: Any) -> Facts:
    facts: Facts = {}
    for status, answer in operation["responses"].items():
        schema = schema_of(document.resolved(answer))
        if int(status) < 400:
            facts[f"answer {status}"] = {"body": "yes" if schema else "no"}
            if schema:
                facts |= _member_facts(document, schema, f"answer {status}", required=False)
            continue
        facts[f"error {status}"] = {}
        for path, _, _ in document.members(schema or {}):
            facts[f"error {status} {path}"] = {}
    return facts


# ---------------------------------------------------------------- OpenAPI 2.0, as it is published


def published(root: Json) -> dict[str, Facts]:
    """The facts of every operation of a published document."""
    document = Document(root)
    return {name: _published(document, operation) for name, operation in document.operations()}


def _published(document: Document, operation: Json) -> Facts:
    facts: Facts = {"deprecated": {}} if operation.get("deprecated") else {}
    facts |= {f"tag {tag}": {} for tag in operation.get("tags", [])}
    if "operationId" in operation:
        facts["operationId " + operation["operationId"]] = {}
    for choice in operation.get("security", []):
        facts |= {f"scope {scope}": {} for scope in _published_scopes(choice)}
    for parameter in operation.get("parameters", []):
        facts |= _published_parameter(document, parameter)
    facts |= _answer_facts(document, operation, lambda answer: answer.get("schema"))
    facts |= _closed_codes(document, operation)
    return facts


def _published_scopes(choice: Json) -> list[str]:
    if any("Partner" in name for name in choice):
        return ["admin"]
    return [scope for scopes in choice.values() for scope in scopes] or ["any token"]


def _published_parameter(document: Document, parameter: Json) -> Facts:
    needed = {"required": "yes" if parameter.get("required") else "no"}
    where, name = parameter["in"], parameter["name"]
    if where == "body":
        return {"body": needed, **_member_facts(document, parameter["schema"], "body", required=True)}
    if where == "formData":
        return {"body": {"required": "yes"}, f"body {name}": {**_said(parameter), **needed}}
    return {f"{where} {name}": {**_said(parameter), **needed}}


def _closed_codes(document: Document, operation: Json) -> Facts:
    """The codes of the answers whose schema is made for one operation and lists them."""
    facts: Facts = {}
    for status, answer in operation["responses"].items():
        schema = answer.get("schema", {})
        if re.search(r"Error\d{3}$", schema.get("$ref", "")):
            codes = document.resolved(schema).get("properties", {}).get("code", {}).get("enum", [])
            facts |= {f"code {status} {code}": {} for code in codes}
    return facts


# ---------------------------------------------------------------- OpenAPI 3.1, as it is generated


def generated(root: Json) -> dict[str, Facts]:
    """The facts of every operation of our own document."""
    document = Document(root)
    return {name: _generated(document, operation) for name, operation in document.operations()}


def _generated(document: Document, operation: Json) -> Facts:
    facts: Facts = {"deprecated": {}} if operation.get("deprecated") else {}
    facts |= {f"tag {tag}": {} for tag in operation["tags"]}
    facts["operationId " + operation["operationId"]] = {}
    for choice in operation["security"]:
        facts |= {f"scope {scope}": {} for scope in _generated_scopes(choice)}
    for parameter in operation.get("parameters", []):
        written = document.resolved(parameter)
        said = _said(document.resolved(written["schema"]))
        said["required"] = "yes" if written.get("required") else "no"
        facts[f"{written['in']} {written['name']}"] = said
    if "requestBody" in operation:
        body = operation["requestBody"]
        facts["body"] = {"required": "yes" if body["required"] else "no"}
        facts |= _member_facts(document, _schema_in(body) or {}, "body", required=True)
    facts |= _answer_facts(document, operation, _schema_in)
    facts |= _declared_codes(document, operation)
    return facts


def _generated_scopes(choice: Json) -> list[str]:
    if "ApiKey" in choice:
        return ["admin"]
    return (choice["OAuth2"] or ["any token"]) if "OAuth2" in choice else []


def _schema_in(message: Json) -> Json | None:
    for media_type, content in message.get("content", {}).items():
        return content.get("schema") or {"type": "string", "format": media_type}
    return None


def _declared_codes(document: Document, operation: Json) -> Facts:
    facts: Facts = {}
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            schema = _schema_in(document.resolved(answer)) or {}
            for choice in schema.get("anyOf", [schema]):
                codes = document.resolved(choice)["properties"]["code"]
                facts |= {f"code {status} {code}": {} for code in document.resolved(codes)["enum"]}
    return facts


# ---------------------------------------------------------------- events


def published_events(root: Json) -> dict[str, Facts]:
    """The facts of every event of a published AsyncAPI document."""
    document, facts = Document(root), {}
    for name, channel in root["channels"].items():
        facts[name] = _event(document, channel["subscribe"]["message"]["payload"])
    return facts


def generated_events(root: Json) -> dict[str, Facts]:
    """The facts of every webhook of our own document."""
    document, facts = Document(root), {}
    for name, hook in root.get("webhooks", {}).items():
        facts[name] = _event(document, _schema_in(hook["post"]["requestBody"]) or {})
    return facts


def _event(document: Document, schema: Json) -> Facts:
    return _member_facts(document, schema, "member", required=True)


# ---------------------------------------------------------------- comparison


def differences(ours: Facts, theirs: Facts) -> Iterator[str]:
    """Lines such as "+ error 429" (only ours), "- body x" (only theirs), "~ body x type a, not b"."""
    closed = {key.split()[1] for key in theirs if key.startswith("code ")}
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            if not _uncompared(name, theirs, closed):
                yield f"+ {name}{_codes(name, ours)}"
        elif name not in ours:
            yield f"- {name}"
        else:
            yield from _disagreements(name, ours[name], theirs[name])


def _codes(name: str, ours: Facts) -> str:
    """The codes of an error status, so that a row accepts the status for these codes only."""
    prefix = name.replace("error", "code", 1) + " "
    return "".join(f" {key.removeprefix(prefix)}" for key in sorted(ours) if key.startswith(prefix))


def _uncompared(name: str, theirs: Facts, closed: set[str]) -> bool:
    """Whether the published document says nothing about such things there."""
    kind, _, rest = name.partition(" ")
    status, _, member = rest.partition(" ")
    if kind == "code":
        return status not in closed
    if kind == "error" and member:
        return not any(key.startswith(f"error {status} ") for key in theirs)
    return kind == "operationId" and not any(key.startswith("operationId") for key in theirs)


def _disagreements(name: str, ours: dict[str, str], theirs: dict[str, str]) -> Iterator[str]:
    for word in sorted(ours.keys() | theirs.keys()):
        mine, published = ours.get(word, "none"), theirs.get(word, "none")
        silent = (word == "type" and mine == "none") or (word in ("type", "default") and published == "none")
        if mine != published and not silent:
            yield f"~ {name} {word} {mine}, not {published}"
