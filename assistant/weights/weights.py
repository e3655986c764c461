"""All fitted numbers, as TOML files that name the encoder (and reranker) they were fitted to, and what reads them."""

from pathlib import Path

WEIGHTS = Path(__file__).parent
