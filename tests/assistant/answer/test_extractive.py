"""Which sentences are said, and how they are put together. Run: python -m pytest -q
tests/assistant/answer/test_extractive.py"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer.extractive import AnswerCase, choose, short_answer
from assistant.evidence.features import Evidence, Reading
from assistant.question.forms import Form
from tests.fakes.made_answers import CUTS, HESHUN, LIUAN, SHIQIAO, TINGYU, ask, best_first, found, scored

QUESTIONS = {
    Form.COMPARE: ask("听雨社区和石桥镇的食堂各是什么价"),
    Form.FACT: ask("听雨社区的食堂一顿多少钱"), Form.HOW: ask("听雨社区怎么办食堂的"),
}
CHAINS = [(), TINGYU, LIUAN, HESHUN, SHIQIAO, (*TINGYU, "幸福小区")]


def texts(case: AnswerCase) -> list[str]:
    return [e.sentence.text for e in case.evidence]


def keys(cases: list[AnswerCase]) -> list[tuple[str, int]]:
    return [(e.passage.id, e.sentence.start) for case in cases for e in case.evidence]


@st.composite
def evidences(draw: st.DrawFn) -> list[Evidence]:
    """Some passages of some files and places, each sentence with any score."""
    groups = []
    for at in range(draw(st.integers(1, 5))):
        texts = [f"第{at}段第{n}句。" for n in range(draw(st.integers(1, 4)))]
        hit = found(*texts, file=draw(st.sampled_from("abc")), chain=draw(st.sampled_from(CHAINS)), at=100 * at)
        scores = draw(st.lists(st.floats(0, 1), min_size=len(texts), max_size=len(texts)))
        groups.append(scored(hit, *scores, action=draw(st.sampled_from([0.0, 1.0]))))
    return best_first(*groups)


def test_the_questions_have_the_forms_they_stand_for() -> None:
    assert {question.form: question.asks_how for question in QUESTIONS.values()} == {
        Form.COMPARE: False, Form.FACT: False, Form.HOW: True}


@given(st.sampled_from([*QUESTIONS.values()]), evidences())
@settings(deadline=None)
def test_whatever_is_found_is_said_once_in_printed_order_and_never_invented(question, evidence: list[Evidence]) -> None:
    cases = choose(question, evidence, CUTS)
    assert cases
    for case in cases:
        assert case.evidence
        assert all(e in evidence for e in case.evidence)
        printed = [(e.article.file, e.sentence.start) for e in case.evidence]
        assert printed == sorted(set(printed))
        assert case.place in {e.sentence.place for e in case.evidence}
        assert case.score == max(e.score for e in case.evidence)
    assert len(keys(cases)) == len(set(keys(cases)))


@pytest.mark.parametrize(("form", "most"), [(Form.FACT, CUTS.fact.most), (Form.HOW, CUTS.how.most)])
@given(evidence=evidences())
@settings(deadline=None)
def test_one_article_answers_a_fact_or_a_how(form: Form, most: int, evidence: list[Evidence]) -> None:
    said = [e for case in choose(QUESTIONS[form], evidence, CUTS) for e in case.evidence]
    assert 1 <= len(said) <= most
    assert {e.article.id for e in said} == {evidence[0].article.id}
    assert evidence[0] in said


def test_at_most_two_sentences_for_a_fact() -> None:
    assert CUTS.fact.most == 2


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_evidence_no_case(question) -> None:
    assert choose(question, [], CUTS) == []


def test_a_much_worse_sentence_is_not_said() -> None:
    hit = found("最好。", "也好。", "很差。", chain=TINGYU)
    assert [texts(case) for case in choose(QUESTIONS[Form.FACT], best_first(scored(hit, 0.9, 0.5, 0.1)), CUTS)] == [["最好。", "也好。"]]


def test_a_comparison_has_one_case_for_each_place_it_names() -> None:
    evidence = best_first(scored(found("听雨一。", "听雨二。", chain=TINGYU), 0.9, 0.8),
                          scored(found("石桥。", file="b.txt", chain=SHIQIAO), 0.1),
                          scored(found("和顺。", file="c.txt", chain=HESHUN), 0.95))
    assert [texts(case) for case in choose(QUESTIONS[Form.COMPARE], evidence, CUTS)] == [["听雨一。", "听雨二。"], ["石桥。"]]


def test_a_place_nothing_is_known_of_is_left_out_of_a_comparison() -> None:
    evidence = best_first(scored(found("和顺。", chain=HESHUN), 0.9), scored(found("在听雨社区。", chain=HESHUN, at=50), 0.2))
    assert [texts(case) for case in choose(QUESTIONS[Form.COMPARE], evidence, CUTS)] == [["在听雨社区。"]]
    assert [texts(case) for case in choose(QUESTIONS[Form.COMPARE], evidence[:1], CUTS)] == [["和顺。"]]


@pytest.mark.parametrize(("question", "span", "read", "short"), [
    pytest.param("听雨社区有多少个车位", (9.0, 4, 8), 0.5, "412个", id="number"),
    pytest.param("听雨社区有多少个车位", (9.0, 0, 3), 0.5, "", id="no number"),
    pytest.param("听雨社区有多少个车位", (9.0, 4, 8), -0.5, "", id="the reranker doubts the sentence"),
    pytest.param("听雨社区有多少个车位", None, 0.5, "", id="the reranker sees none"),
    pytest.param("听雨社区有多少个车位", None, None, "", id="not read"),
    pytest.param("听雨社区怎么停车", (9.0, 4, 8), 0.5, "", id="how"),
])
def test_a_short_answer_is_the_kind_that_is_asked_for(question: str, span: tuple | None, read: float | None, short: str) -> None:
    reading = None if read is None else Reading(0.9, read, read, read, span=span)
    evidence = scored(found("院里新添412个车位。", chain=TINGYU), 0.9, reading=reading)
    assert short_answer(ask(question), [AnswerCase(place="", evidence=tuple(evidence))]) == short


@pytest.mark.parametrize(("question", "sentence", "seen", "short"), [
    ("枫桥社区停车费原来多少钱", "停车费每月由95元降到60元。", "60元", ""),
    ("枫桥社区停车费原来多少钱", "停车费每月由95元降到60元。", "95元", "95元"),
    ("楓橋社區停車費原來多少錢", "停車費由95元調整為每月60元。", "60元", ""),
    ("枫桥社区停车费以前多少钱", "停车费原来95元，现在只要60元。", "60元", ""),
    ("枫桥社区停车费之前是多少钱", "停车费提高到95元之前，一直是60元。", "60元", "60元"),
    ("枫桥社区停车费现在多少钱", "停车费每月由95元降到60元。", "60元", "60元"),
])
def test_who_asks_how_it_was_is_not_told_in_short_what_it_became(question: str, sentence: str, seen: str, short: str) -> None:
    start = sentence.index(seen)
    reading = Reading(0.9, 3.0, 3.0, 3.0, span=(0, start, start + len(seen)))
    evidence = scored(found(sentence, chain=TINGYU), 0.9, reading=reading)
    assert short_answer(ask(question), [AnswerCase(place="", evidence=tuple(evidence))]) == short
