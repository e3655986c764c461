"""Prose to sentences, each character's place in the file kept. Run: python -m pytest -q
tests/index/text/test_sentences.py"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.sentences import LONG_SPEECH, LONGEST_SENTENCE, join_spans, sentence_bounds
from index.types import text_at

LONG = "先把账目贴到墙上,再谈收费的事,谁家有意见都可以当面说,说完了大家一起投票。"


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_bounds(text)]


@pytest.mark.parametrize("sentences", [
    ["居民开了会。", "会上定了三件事!", "钱从哪儿来?"],
    ["“先把灯修好。再谈收费。”沈玉梅说。", "大家都同意。"],
    ["“先把灯修好。”桂花巷社区党委书记沈玉梅说。", "大家都同意。"],
    ["“先把灯修好!”72岁的邱长富告诉记者。", "大家都同意。"],
    ["沈玉梅说:“先把灯修好。再谈收费。”", "大家都同意。"],
    ["“修好了。”", "“那就好。”"],
    ["社区赢得了“能办事!”的口碑。", "大家都同意。"],
    ["他问:“行吗?”", "没有人回答。"],
    ["办成了……", "又没办成。"],
    ["(以上均为化名。)", "大家都同意。"],
    ["居民每月交二十元;物业不收费;街道补一半。"],
    ["没有句号也是一句"],
    ["占比3.5%。", "其余为26.4元。"],
], ids=["plain", "speech-then-speaker", "speaker-with-title", "told-the-reporter", "speaker-then-speech", "two-speeches", "quoted-term",
        "question", "ellipsis", "brackets", "semicolons", "no-full-stop", "decimals"])
def test_sentences(sentences: list[str]) -> None:
    assert split("".join(sentences)) == sentences


def test_long_speech_is_split() -> None:
    speech = f"“{LONG}{LONG}{LONG}”沈玉梅说。"
    assert len(speech) > LONG_SPEECH
    assert split(speech) == [f"“{LONG}", LONG, f"{LONG}”沈玉梅说。"]


def test_speech_as_long_as_allowed_stays_whole() -> None:
    speech = "“" + "好。" * (LONG_SPEECH // 2 - 1) + "”他说。"
    assert split(speech) == [speech]


def test_a_quotation_that_is_never_closed_does_not_swallow_the_page() -> None:
    assert split("“没有人牵头。" + LONG * 3) == ["“没有人牵头。", LONG, LONG, LONG]


@pytest.mark.parametrize(("text", "cuts"), [
    ("，".join(f"槐荫社区的居民在院子里种了第{n}排树" for n in range(45)), "，"),
    ("；".join("居民一起在院子里种树，一起浇水" for _ in range(45)), "；"),
    ("，".join("桂花巷的物业费收上来12,000元" for _ in range(45)), "，"),
    ("居民在院子里种树" * 100, "树民在里种居院子"),
    (" ".join(["residents"] * 300), "s"),
], ids=["commas", "semicolons", "figures", "nothing", "English"])
def test_a_sentence_without_a_stop_is_cut_within_a_bound(text: str, cuts: str) -> None:
    pieces = split(text)
    assert len(pieces) > 1
    assert all(len(piece) <= (3 if text.isascii() else 1) * LONGEST_SENTENCE for piece in pieces)
    assert "".join(pieces) == text.replace(" ", "") or " ".join(pieces) == text
    assert all(piece[-1] in cuts for piece in pieces[:-1])


def test_a_sentence_as_long_as_allowed_stays_whole() -> None:
    sentence = "居民，" * ((LONGEST_SENTENCE - 1) // 3) + "。"
    assert split(sentence) == [sentence]


def test_full_width_marks_end_sentences_too() -> None:
    assert split("行吗\uff1f行\uff01好。") == ["行吗\uff1f", "行\uff01", "好。"]


prose = st.text("居民社区说。!?…“”’)\uff09\uff01;:, \u3000\n\t甲", max_size=80) | st.text(max_size=80)


@given(prose)
@settings(deadline=None)
def test_bounds_cover_every_character_but_white_space(text: str) -> None:
    bounds = sentence_bounds(text)
    assert all(a < b for a, b in bounds)
    assert all(one[1] <= two[0] for one, two in pairwise(bounds))
    covered = {i for a, b in bounds for i in range(a, b)}
    assert all(char.isspace() for i, char in enumerate(text) if i not in covered)
    assert all(sentence == sentence.strip() for sentence in split(text))


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, tuple[tuple[int, int], ...], int, int]:
    """A file's text, spans of it, and a stretch of their join."""
    text = draw(st.text("甲乙丙丁 \n", min_size=2, max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    size = sum(b - a for a, b in spans)
    start = draw(st.integers(0, size))
    return text, spans, start, draw(st.integers(start, size))


@given(pieces())
def test_a_stretch_of_joined_spans_maps_back_to_the_file(case: tuple[str, tuple[tuple[int, int], ...], int, int]) -> None:
    text, spans, start, end = case
    joined = text_at(text, spans)
    before, mapped, behind = join_spans(spans, [(0, start), (start, end), (end, len(joined))])
    assert text_at(text, mapped) == joined[start:end]
    assert text_at(text, before) + text_at(text, mapped) + text_at(text, behind) == joined
    assert all(a < b for a, b in (*before, *mapped, *behind))
    assert join_spans(spans, [(0, len(joined))]) == [spans]
