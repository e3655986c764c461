"""What those who run the server need: logs, metrics, health, the audit log, backup and restore."""
