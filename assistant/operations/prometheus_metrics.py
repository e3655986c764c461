"""What Prometheus is told: requests, answers and their stages, the index that is searched, the process itself.

Everything is in a registry of its own, so that two servers in one process do not count for each other. Labels have few
values: routes as they are written in the code, never an address that a client made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from assistant.operations.health import Readiness
from assistant.types import Answer

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 2, 3, 5, 10, 30, 60)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counts, in memory; safe to use from several threads."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter("linjian_http_requests", "Requests answered.", ["method", "route", "status"],
                                 registry=registry)
        self._seconds = Histogram("linjian_http_request_seconds", "From a request's first byte to its response's last.",
                                  ["route"], buckets=SECONDS, registry=registry)
        self._running = Gauge("linjian_http_requests_running", "Requests being answered now.", registry=registry)
        self._answers = Counter("linjian_answers", "Questions answered; `outcome` is answered, or why it was refused.",
                                ["by", "outcome", "language", "model"], registry=registry)
        self._stages = Histogram("linjian_answer_stage_seconds", "Time an answer took, by stage.", ["stage"],
                                 buckets=SECONDS, registry=registry)
        self._unrecorded = Counter("linjian_audit_failures", "Events that could not be written to the audit log.",
                                   registry=registry)

    def watch(self, readiness: Callable[[], Readiness]) -> None:
        """Report from now on which index is searched, asked anew whenever the metrics are read."""
        self._registry.register(_Index(readiness))

    def begun(self) -> None:
        """Count a request as running."""
        self._running.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that ran; `route` as the code writes it, `status` 499 when the client went away."""
        self._running.dec()
        self._requests.labels(method if method in METHODS else "OTHER", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, by: str, answer: Answer) -> None:
        """Count an answer; `by` is the channel it was asked by."""
        self._answers.labels(by, answer.refusal_reason or "answered", answer.language, answer.model).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def unrecorded(self) -> None:
        """Count an event that the audit log lost."""
        self._unrecorded.inc()

    def text(self) -> bytes:
        """Return everything in Prometheus's text format (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)


class _Index(Collector):
    def __init__(self, readiness: Callable[[], Readiness]) -> None:
        self._readiness = readiness

    def describe(self) -> list:
        return []

    def collect(self) -> Iterator[InfoMetricFamily | GaugeMetricFamily]:
        now = self._readiness()
        yield InfoMetricFamily("linjian_index", "The index that is searched.",
                               {"version": now.index_version, "encoder": now.encoder, "model": now.model,
                                "reranker": now.reranker})
        yield GaugeMetricFamily("linjian_index_articles", "Articles that are searched.", now.articles)
