"""The guard at the door: who calls, from where, and what they may do."""
