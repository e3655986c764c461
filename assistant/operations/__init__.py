"""For those who run the server: logs, metrics, health, the audit log, backup and restore."""

__all__ = [
    "audit",
    "backup",
    "event_log",
    "health",
    "logs",
    "prometheus_metrics",
    "request_log",
    "restore",
    "routes",
]
