"""The command line: each module holds the commands of one subject, and imports what they need when one runs."""

__all__ = ["groups", "services"]
