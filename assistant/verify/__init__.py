"""Is a claim entailed by the passage it cites?"""

__all__ = ["attribution", "clauses", "contradictions", "entailment", "entailment_network", "names", "premise", "verify"]
