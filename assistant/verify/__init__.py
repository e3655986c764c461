"""Is a claim entailed by the passage it cites?"""

__all__ = ["attribution", "claim_check", "clauses", "contradictions", "entailment", "entailment_network",
           "names", "premise", "verify"]
