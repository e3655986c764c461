"""The commands of `linjian`: what each prints, and its exit status."""

__all__ = [
    "access_commands",
    "ask_command",
    "correction_commands",
    "feedback_commands",
    "groups",
    "index_actions",
    "index_commands",
    "mcp_command",
    "operations_commands",
    "serve_command",
    "services",
    "setup_commands",
]
