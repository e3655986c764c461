"""How much one conversation may hold and an answer looks at, the same for the chat and for every program that asks."""

LONGEST_QUESTION = 1000
"""Characters of one question."""
REMEMBERED_TURNS = 6
"""Earlier questions that a follow-up is understood from."""
GIST = 300
"""Characters kept of an earlier answer."""
CASES_SEARCHED = 50
"""Cases that are looked at for a question after cases."""
SEARCHED = 20
"""Passages whose sentences are looked at, also for one that carries a claim."""
