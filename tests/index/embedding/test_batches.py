"""Batches of like length. Run: python -m pytest -q tests/index/embedding/test_batches.py"""

from hypothesis import given
from hypothesis import strategies as st

from index.embedding.batches import batches


@given(st.lists(st.integers(0, 300), max_size=60))
def test_batches_hold_everything_once_in_order_and_are_bounded(lengths: list[int]) -> None:
    grouped = batches(range(len(lengths)), lengths.__getitem__, 400)
    assert [i for batch in grouped for i in batch] == sorted(range(len(lengths)), key=lengths.__getitem__)
    assert all(len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 400 for batch in grouped)
