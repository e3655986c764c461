"""Write the reference of the API from its OpenAPI document: `python -m assistant.api.api_reference > docs/api.md`.

The part above the line of ROUTES is written by hand in `reference.md` beside this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from assistant.api.api_app import build_api
from assistant.api.routes import FeedbackKeeper
from assistant.service.answering import Answering, Answers
from assistant.service.queue import Queue


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the whole API; nothing is asked of an assistant for it."""
    nobody = Answering(lambda: cast(Answers, None), Queue(1))
    return build_api(nobody, version="1", feedback=cast(FeedbackKeeper, nobody)).openapi()


def reference(openapi: Mapping[str, Any]) -> str:
    """Return the reference in Markdown."""
    intro = Path(__file__).with_name("api_reference.md").read_text("utf-8").rstrip()
    lines = [intro, "", "## Routes", ""]
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            lines += _route(path, method, operation)
    lines += ["## Shapes", ""]
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        lines += _shape(name, schema)
    return "\n".join(lines).rstrip() + "\n"


def _route(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {method.upper()} {path}", "", operation["description"], "")
    for one in operation.get("parameters", ()):
        yield f"- `{one['name']}` ({one['in']}{', required' if one.get('required') else ''}): {_type(one['schema'])}"
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        yield from (f"- body ({kind}): {_type(one['schema'])}" for kind, one in content.items())
    for status, response in operation["responses"].items():
        kinds = ", ".join(f"{_type(one['schema'])} ({kind})" for kind, one in response.get("content", {}).items())
        yield f"- {status}: {response['description']}" + (f" \u2192 {kinds}" if kinds else "")
    yield ""


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "")
    if "description" in schema:
        yield from (" ".join(schema["description"].split()), "")
    if "enum" in schema:
        yield from (_type(schema), "")
    if "properties" in schema:
        required = schema.get("required", ())
        yield from ("| Field | Type | Meaning |", "|---|---|---|")
        for field, one in schema["properties"].items():
            yield f"| `{field}`{'' if field in required else ' (optional)'} | {_type(one)} | {one.get('description', '')} |"
        yield ""
    for example in schema.get("examples", ()):
        yield from ("```json", json.dumps(example, ensure_ascii=False, indent=2), "```", "")


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema.get("anyOf") or schema["oneOf"]))
    kind = schema.get("format") or schema.get("type", "any")
    if kind == "array":
        kind = "list of " + _type(schema["items"]) if "items" in schema else "list"
    return kind + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    pairs = ((("minLength", "maxLength"), "characters"), (("minItems", "maxItems"), "items"), (("minimum", "maximum"), ""))
    said = [_between(schema, names, unit) for names, unit in pairs]
    return "".join(f" ({one})" for one in said if one)


def _between(schema: Mapping[str, Any], names: Sequence[str], unit: str) -> str:
    low, high = (schema.get(name) for name in names)
    if low is None and high is None:
        return ""
    words = f"at most {high}" if low is None else f"at least {low}" if high is None else f"{low} to {high}"
    return f"{words} {unit}".strip()


if __name__ == "__main__":
    print(reference(document()), end="")
