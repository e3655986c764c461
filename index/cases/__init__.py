"""What a place did about a need: each article cut into its cases, their sentences told apart by what they do."""

__all__ = ["case_rows", "case_vectors", "cut", "fitted", "roles"]
