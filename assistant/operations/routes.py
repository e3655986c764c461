"""`/healthz`, `/readyz` and `/metrics`: for probes and for Prometheus, not for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from assistant.auth.accounts.identity import STATE, Role
from assistant.operations.event_log import Operations
from assistant.operations.prometheus_metrics import CONTENT_TYPE
from assistant.service.problem_details import problem, problem_response

NEVER_STORED = {"Cache-Control": "no-store"}


def ops_routes(operations: Operations) -> APIRouter:
    """Return the three routes. The guard lets everybody pass to two of them; `/metrics` looks once more who asks."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz", summary="Does the process answer?")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=NEVER_STORED)

    @routes.get("/readyz", summary="Can it answer questions, and from which index?")
    async def readyz() -> JSONResponse:
        return JSONResponse({"status": "ready", **asdict(operations.readiness())}, headers=NEVER_STORED)

    @routes.get("/metrics", summary="Prometheus metrics, for an admin or from this machine", response_class=Response,
                responses={200: {"content": {"text/plain": {}}}, 403: {"description": "neither admin nor this machine"}})
    async def read_metrics(request: Request) -> Response:
        if not may_read_metrics(request.scope):
            why = "The metrics are for an admin, or for a program on this machine that asks directly."
            return problem_response("/metrics", problem(403, why, code="not_allowed"), NEVER_STORED)
        return Response(operations.record.metrics.text(), headers={"Content-Type": CONTENT_TYPE, **NEVER_STORED})

    return routes


def may_read_metrics(scope: Mapping[str, Any]) -> bool:
    """Tell whether a request is an admin's. A program on this machine is one where the guard says so."""
    caller = scope.get("state", {}).get(STATE)
    return caller is not None and caller.role >= Role.ADMIN
