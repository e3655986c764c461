"""assistant: question -> retrieve -> answerable? -> answer with citations. Imports `index` and `prompts` only."""
