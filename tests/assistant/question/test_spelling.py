"""Homophone typos: what a question may mean, given what the articles print."""

from __future__ import annotations

import pytest

from assistant.question.spelling import homophones, respelt
from index.text.tokens import terms

PRINTED = frozenset(terms("社区法律援助点、社区工作者、物业管理、居民找人评理，垃圾分类做得好"))


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        pytest.param("有没有法率援助点", ["法律援助"], id="homophone"),
        pytest.param("社区工作着怎么招", ["工作者"], id="one-sound-two-tones"),
        pytest.param("垃圾份类哪里做得好", ["分类"], id="at-a-words-start"),
        pytest.param("有没有法律援助点", [], id="no-typo"),
        pytest.param("物业管理费多少", [], id="an-unprinted-word-stays"),
        pytest.param("法律事务室在哪", [], id="a-word-of-the-dictionary-is-no-typo"),
        pytest.param("who gives legal aid?", [], id="english"),
        pytest.param("", [], id="empty"),
    ],
)
def test_words_meant(question: str, meant: list[str]) -> None:
    assert respelt(question, PRINTED.__contains__) == meant


@pytest.mark.parametrize(("one", "other"), [("率", "律"), ("着", "者"), ("生", "身"), ("只", "字")])
def test_homophones_are_mutual(one: str, other: str) -> None:
    assert other in homophones(one)
    assert one in homophones(other)
    assert one not in homophones(one)
