"""JSON over HTTP, and every error as a problem (RFC 9457): the one builder for the API, the sign-in and the operations.

`code` is what programs can rely on and the end of `type`; `title` and `detail` are for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from assistant.service.channels import OPENAI

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:linjian:problem:"


def json_bytes(value: Any) -> bytes:
    """Return JSON in UTF-8; half of a surrogate pair, which JSON can hold, becomes JSON's own escape."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


def problem(status: int, detail: str, *, code: str, title: str = "") -> dict[str, Any]:
    """Return the body of a problem; the title of one that has none is its status in words."""
    return {"type": TYPE + code.replace("_", "-"), "title": title or HTTPStatus(status).phrase, "status": status,
            "detail": detail, "code": code}


def openai_error(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a problem as clients of OpenAI's protocol look for it."""
    kind = "invalid_request_error" if body["status"] < 500 else "server_error"
    return {"message": body["detail"], "type": kind, "param": None, "code": body["code"]}


def problem_response(path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as the response to a request for `path`, under /v1 with the `error` of OpenAI's protocol."""
    told = {**body, "error": openai_error(body)} if path.startswith(OPENAI) else body
    return Response(json_bytes(told), body["status"], headers, MEDIA_TYPE)
