"""Is a claim entailed by the passage it cites?"""

__all__ = ["contradictions", "names", "premise", "verify"]
