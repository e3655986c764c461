"""`linjian eval`: each module holds the commands of one kind of measurement, and imports what they need when one runs."""

__all__ = ["eval_commands", "options"]
