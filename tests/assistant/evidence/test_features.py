"""Sentences as evidence: what each feature sees, and what a model makes of them. Run: python -m pytest -q
tests/assistant/evidence/test_features.py"""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evidence.features import Features, features, holds, score_sentences
from assistant.question.coverage import coverage_of, said_in
from assistant.question.forms import Wanted
from assistant.weights.logistic import LogisticModel, feature_names, named_features
from index.text.normalize import fold
from tests.fakes.made_answers import LIUAN, SHIQIAO, TINGYU, ask, found

NOTHING_SEEN = Features(**dict.fromkeys(feature_names(Features), 0.0))
SHARES = ("coverage", "beside", "context", "coverage_rank", "passage")
FLAGS = ("topic", "action", "speech", "plan", "placed", "digits", "wanted")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text("多少谁哪听雨社区垃圾食堂物业怎么的有没?\uff1f 12\uff13a", max_size=30)
SENTENCES = st.lists(st.tuples(TEXT.filter(bool), st.floats(-1, 1)), min_size=1, max_size=5)


def model(**weights: float) -> LogisticModel:
    return LogisticModel.of(weights, Features)


@given(TEXT, SENTENCES, TEXT)
@settings(deadline=None, max_examples=150)
def test_features_are_finite_and_bounded_whatever_is_asked_and_printed(
        text: str, sentences: list[tuple[str, float]], context: str) -> None:
    hit = found(*[s for s, _ in sentences], chain=TINGYU, cosines=[c for _, c in sentences])
    rows = features(ask(text, context), [hit])
    assert len(rows) == len(sentences)
    for row, (sentence, cosine) in zip(rows, sentences, strict=True):
        assert all(math.isfinite(value) for value in named_features(row).values())
        assert all(0 <= getattr(row, name) <= 1 + 1e-9 for name in SHARES)
        assert {getattr(row, name) for name in FLAGS} <= {0.0, 1.0}
        assert row.place in (-1, 0, 1)
        assert row.raw_cosine == cosine
        assert abs(row.cosine_rank) <= math.sqrt(len(rows)) + 1e-6
        assert row.length == math.log(len(sentence) / 40)


def test_nothing_found_has_no_features() -> None:
    assert features(ask("停车"), []) == []
    assert score_sentences(ask("停车"), [], model(bias=0.0)) == []


@pytest.mark.parametrize(("question", "sentence", "share"), [
    pytest.param("其他社区怎么处理无物业小区", "这里多年失管。", 1.0, id="another wording of a topic counts in full"),
    pytest.param("其他社区怎么处理无物业小区", "这里种了花。", 0.0, id="nothing of it"),
    pytest.param("how did others handle buildings without property management", "这里多年失管。", 1.0, id="English topic, Chinese text"),
    pytest.param("锣鼓队排练", "锣鼓队天天排练。", 1.0, id="every word"),
    pytest.param("", "锣鼓队天天排练。", 0.0, id="no question"),
    pytest.param("怎么办呢", "锣鼓队天天排练。", 0.0, id="no content word"),
])
def test_coverage(question: str, sentence: str, share: float) -> None:
    units = ask(question).units
    [said] = said_in(units, fold(sentence))
    assert coverage_of(units, said) == pytest.approx(share)


def test_a_word_in_pieces_counts_in_part_and_a_rarer_word_more() -> None:
    units = ask("锣鼓队排练").weighed(lambda term: 3.0 if term == "排练" else 1.0).units
    whole, pieces, rare = (coverage_of(units, said) for said in said_in(units, "锣鼓队", "锣鼓和鼓队", "排练"))
    assert 0 < pieces < whole < rare < 1


def test_the_words_of_a_place_and_its_own_name_are_no_units() -> None:
    assert {w for unit in ask("听雨社区的食堂").units for w, _ in unit.wordings}.isdisjoint({"听雨", "听雨社区"})


@pytest.mark.parametrize(("wanted", "text", "held"), [
    pytest.param(Wanted.NUMBER, "共有412户", True, id="digits"),
    pytest.param(Wanted.NUMBER, "共有\uff14\uff11\uff12户", True, id="full-width digits"),
    pytest.param(Wanted.NUMBER, "三十多户人家", True, id="number in characters"),
    pytest.param(Wanted.NUMBER, "大家一起商量", False, id="a one that counts nothing"),
    pytest.param(Wanted.MONEY, "每月20元", True, id="yuan"),
    pytest.param(Wanted.MONEY, "每月\uff12\uff10元", True, id="full-width yuan"),
    pytest.param(Wanted.MONEY, "补助二十万元", True, id="money in characters"),
    pytest.param(Wanted.MONEY, "26万余元", True, id="about so much"),
    pytest.param(Wanted.MONEY, "全部免费", True, id="free of charge"),
    pytest.param(Wanted.MONEY, "一共20户", False, id="a number, no money"),
    pytest.param(Wanted.DATE, "\uff12\uff10\uff12\uff14年\uff16月", True, id="full-width date"),
    pytest.param(Wanted.DATE, "6月18日", True, id="day"),
    pytest.param(Wanted.DATE, "去年底", True, id="last year"),
    pytest.param(Wanted.DATE, "三月起", True, id="month in characters"),
    pytest.param(Wanted.DATE, "共有412户", False, id="a number, no date"),
    pytest.param(Wanted.PERSON, "党委书记说", True, id="by the post"),
    pytest.param(Wanted.PERSON, "李代霞挨家敲门", True, id="by the name"),
    pytest.param(Wanted.PERSON, "更换下水管道", False, id="nobody"),
    pytest.param(Wanted.TITLE, "《居民公约》", True, id="book marks"),
    pytest.param(Wanted.TITLE, "“红色管家”", True, id="quotation marks"),
    pytest.param(Wanted.TITLE, "居民公约", False, id="no marks"),
    pytest.param(Wanted.PLACE, "在柳岸街道", True, id="street"),
    pytest.param(Wanted.PLACE, "在门口", False, id="no place"),
    pytest.param(Wanted.ANY, "", True, id="anything will do"),
])
def test_holds(wanted: Wanted, text: str, held: bool) -> None:
    assert holds(wanted, text) is held


@pytest.mark.parametrize(("chain", "text", "fit"), [
    pytest.param(TINGYU, "食堂开张。", 1.0, id="about it"),
    pytest.param(SHIQIAO, "食堂开张。", -1.0, id="about another"),
    pytest.param((), "听雨社区食堂开张。", 1.0, id="names it"),
    pytest.param((*LIUAN, "望江社区"), "食堂开张。", -1.0, id="about its neighbour"),
])
def test_place_fit(chain: tuple[str, ...], text: str, fit: float) -> None:
    hit = found(text, chain=chain)
    assert features(ask("听雨社区的食堂"), [hit])[0].place == fit
    assert features(ask("食堂"), [hit])[0].place == 0


@given(st.floats(-20, 20), st.floats(0, 20), st.tuples(st.floats(-5, 5), st.floats(-5, 5)).map(sorted))
def test_a_positive_weight_never_lowers_the_probability(bias: float, weight: float, values: list[float]) -> None:
    weighed = model(bias=bias, length=weight)
    low, high = (weighed.probability(replace(NOTHING_SEEN, length=value)) for value in values)
    assert 0 <= low <= high <= 1


def test_features_without_a_weight_do_not_count() -> None:
    assert model(bias=0.0).probability(replace(NOTHING_SEEN, length=9.0)) == 0.5


@pytest.mark.parametrize(("name", "meant"), [("covrage", "coverage"), ("first_score", "there is no feature"), ("zzz", "no feature 'zzz'$")])
def test_a_weight_without_its_feature_is_named_when_the_model_is_made(name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=meant):
        model(bias=0.0, **{name: 1.0})


def test_scored_sentences_are_best_first_and_all_there() -> None:
    hits = [found("没有关系。", "停车位不够，停车难。"), found("停车。", file="b.txt")]
    evidence = score_sentences(ask("停车难"), hits, model(bias=0.0, coverage=2.0))
    assert evidence[0].sentence.text == "停车位不够，停车难。"
    assert {(e.passage.id, e.sentence) for e in evidence} == {(r.passage.id, s) for r in hits for s in r.passage.sentences}
    assert [e.score for e in evidence] == sorted((e.score for e in evidence), reverse=True)
