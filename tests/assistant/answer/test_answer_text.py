"""The words of an answer, letter for letter. Run: python -m pytest -q tests/assistant/answer/test_answer_text.py

`compose` gives articles' text as it is, on one line; making it harmless in a browser is the work of
`assistant.answer.markdown`.
"""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer.answer_text import answer_text, cite, claims_of, refusal_text
from assistant.answer.extractive import AnswerCase
from assistant.answer.gaps import Gap
from assistant.answer.markdown import answer_markdown
from assistant.question.forms import Form, Wanted
from assistant.types import Answer
from prompts.prompt_loader import phrases
from tests.fakes.made_answers import SHIQIAO, TINGYU, ask, found, scored

NO_GAP = Gap((), (), Wanted.ANY)
COLON, COMMA, SEMICOLON, STOP = "\uff1a", "\uff0c", "\uff1b", "\u3002"
QUESTIONS = {
    ("zh", Form.CASES): ask("有没有办老年食堂的例子"), ("en", Form.CASES): ask("are there examples of canteens"),
    ("zh", Form.COMPARE): ask("听雨社区和石桥镇的食堂各是什么价"), ("en", Form.COMPARE): ask("canteens in Tingyu versus Shiqiao"),
    ("zh", Form.FACT): ask("听雨社区的食堂一顿多少钱"), ("en", Form.FACT): ask("what does a meal in Tingyu cost"),
    ("zh", Form.HOW): ask("听雨社区怎么办食堂的"), ("en", Form.HOW): ask("how did Tingyu open its canteen"),
}
HOSTILE = ("[1](javascript:x)", "**bold**", "<script>alert(1)</script>", "![图](http://example.com/a.png)", "[9]", "\u2028- a", "# a")


def case(*texts: str, chain: tuple[str, ...] = TINGYU, **found_as: object) -> AnswerCase:
    hit = found(*texts, chain=chain, **found_as)
    return AnswerCase(place="".join(chain), evidence=tuple(scored(hit, *[0.5] * len(texts))))


TWO = [case(f"租了房{COMMA}开了伙{STOP}", f"一顿12元{STOP}"), case(f"集市送餐{STOP}", chain=SHIQIAO, file="b.txt")]
TINGYU_ZH = f"**东湖市南城区柳岸街道听雨社区**{COLON}租了房{COMMA}开了伙{STOP}[1]一顿12元{STOP}[2]"
SHIQIAO_ZH = f"**东湖市云山县石桥镇**{COLON}集市送餐{STOP}[3]"
TINGYU_EN, SHIQIAO_EN = TINGYU_ZH.replace(COLON, ": "), SHIQIAO_ZH.replace(COLON, ": ")


def test_the_questions_have_the_forms_they_stand_for() -> None:
    assert {key: (q.language, q.form) for key, q in QUESTIONS.items()} == {key: key for key in QUESTIONS}


@pytest.mark.parametrize(("language", "form", "text"), [
    pytest.param("zh", Form.CASES, f"资料中有 2 个地方的做法{COLON}\n\n- {TINGYU_ZH}\n- {SHIQIAO_ZH}", id="zh cases"),
    pytest.param("en", Form.CASES, f"The articles tell of 2 places:\n\n- {TINGYU_EN}\n- {SHIQIAO_EN}", id="en cases"),
    pytest.param("zh", Form.COMPARE, f"各地的情况{COLON}\n\n- {TINGYU_ZH}\n- {SHIQIAO_ZH}", id="zh compare"),
    pytest.param("en", Form.COMPARE, f"Side by side:\n\n- {TINGYU_EN}\n- {SHIQIAO_EN}", id="en compare"),
    pytest.param("zh", Form.FACT, f"{TINGYU_ZH}\n\n{SHIQIAO_ZH}", id="zh fact"),
    pytest.param("en", Form.FACT, f"{TINGYU_EN}\n\n{SHIQIAO_EN}", id="en fact"),
    pytest.param("zh", Form.HOW, f"{TINGYU_ZH}\n\n{SHIQIAO_ZH}", id="zh how"),
    pytest.param("en", Form.HOW, f"{TINGYU_EN}\n\n{SHIQIAO_EN}", id="en how"),
])
def test_the_answer(language: str, form: Form, text: str) -> None:
    assert answer_text(QUESTIONS[language, form], TWO, cite(TWO)) == text


@pytest.mark.parametrize("form", [Form.CASES, Form.COMPARE, Form.FACT, Form.HOW])
def test_a_single_case_is_no_list(form: Form) -> None:
    assert answer_text(QUESTIONS["zh", form], TWO[:1], cite(TWO[:1])) == TINGYU_ZH


def test_an_unknown_place_is_not_named() -> None:
    cases = [case(f"开了伙{STOP}", chain=())]
    assert answer_text(QUESTIONS["zh", Form.HOW], cases, cite(cases)) == f"开了伙{STOP}[1]"


@pytest.mark.parametrize(("language", "titles", "text"), [
    pytest.param("zh", [], f"资料中没有找到答案{STOP}", id="zh, nothing near"),
    pytest.param("en", [], "The articles do not answer this.", id="en, nothing near"),
    pytest.param("zh", ["甲", "乙"], f"资料中没有找到答案{STOP}\n\n最接近的报道\uff08不作为依据\uff09{COLON}甲{SEMICOLON}乙", id="zh"),
    pytest.param("en", ["甲", "乙"], "The articles do not answer this.\n\nNearest articles (not used as evidence): 甲; 乙", id="en"),
    pytest.param("en", ["甲", "甲", "", "乙", "丙", "丁"],
                 "The articles do not answer this.\n\nNearest articles (not used as evidence): 甲; 乙; 丙", id="three, each once"),
    pytest.param("en", ["甲\n乙"], "The articles do not answer this.\n\nNearest articles (not used as evidence): 甲 乙", id="broken headline"),
])
def test_the_refusal(language: str, titles: list[str], text: str) -> None:
    assert refusal_text(language, "not_in_articles", [found("句。", title=title) for title in titles], NO_GAP) == text


@pytest.mark.parametrize(("language", "gap", "detail"), [
    pytest.param("zh", Gap(("东风里", "食堂"), (), Wanted.MONEY), "报道提到了“东风里”、“食堂”，但没有写金额。", id="zh, kind"),
    pytest.param("zh", Gap(("食堂",), ("洗澡",), Wanted.ANY), "报道提到了“食堂”，但没有写“洗澡”。", id="zh, word"),
    pytest.param("zh", Gap((), ("隔断", "群租"), Wanted.ANY), "报道没有提到“隔断”、“群租”。", id="zh, nothing of it"),
    pytest.param("zh", Gap(("食堂",), (), Wanted.ANY), "报道提到了“食堂”，但没有写问到的内容。", id="zh, all but the answer"),
    pytest.param("en", Gap(("canteen",), (), Wanted.DATE), 'They mention "canteen", but do not say when.', id="en"),
])
def test_a_refusal_on_topic_says_what_is_there_and_what_is_not(language: str, gap: Gap, detail: str) -> None:
    assert detail in refusal_text(language, "not_in_articles", [], gap)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_out_of_scope_names_no_articles(language: str) -> None:
    hits = [found("句。", title="甲")]
    assert refusal_text(language, "off_topic", hits, None) == phrases(language).off_topic
    assert refusal_text(language, "nothing_selected", hits, None) == phrases(language).nothing_selected


def test_an_answer_to_one_part_says_which_part_is_missing() -> None:
    asked = replace(QUESTIONS["zh", Form.FACT], text="食堂几点开门,一顿饭多少钱?")
    cases = [case(f"食堂上午十点开门{STOP}")]
    assert answer_text(asked, cases, cite(cases)).endswith(f"资料中没有写{COLON}金额{STOP}")
    cases = [case(f"食堂上午10点开门,一顿饭8元{STOP}")]
    assert "资料中没有写" not in answer_text(asked, cases, cite(cases))


def test_a_third_language_is_an_error() -> None:
    with pytest.raises(KeyError, match="fr"):
        phrases("fr")


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.sampled_from(sorted(QUESTIONS)))
def test_markers_are_the_citations_from_one_in_the_order_of_reading(sizes: list[int], key: tuple[str, Form]) -> None:
    cases = [case(*(f"第{n}处第{i}句。" for i in range(size)), at=100 * n) for n, size in enumerate(sizes)]
    citations = cite(cases)
    text = answer_text(QUESTIONS[key], cases, citations)
    assert [c.number for c in citations] == list(range(1, sum(sizes) + 1))
    assert [int(n) for n in re.findall(r"\[(\d+)\]", text)] == [c.number for c in citations]
    assert all(f"{c.quote}[{c.number}]" in text for c in citations)


def test_citations_and_claims_are_the_sentences_word_for_word() -> None:
    citations = cite(TWO)
    sentences = [(c, e) for c, e in zip(citations, [e for case in TWO for e in case.evidence], strict=True)]
    for c, e in sentences:
        assert (c.quote, c.spans, c.place, c.passage_id) == (e.sentence.text, e.sentence.spans, e.sentence.place, e.passage.id)
        assert (c.title, c.source, c.date, c.file) == ("题", "东湖晚报", "2024-06-18", e.article.file)
    assert [(x.text, x.citations, x.support, x.supported, x.place) for x in claims_of(TWO, citations)] == [
        (c.quote, (c.number,), 1.0, True, c.place) for c in citations]


@pytest.mark.parametrize("form", [Form.CASES, Form.COMPARE])
@given(broken=st.lists(st.sampled_from(["字", "\n", "\n\n", "\n- ", "\n1. ", " "]), max_size=8).map("".join))
def test_a_line_break_never_breaks_the_list(form: Form, broken: str) -> None:
    cases = [case(f"前{broken}后"), case("好。", chain=(f"石{broken}桥镇",), file="b.txt")]
    lines = answer_text(QUESTIONS["zh", form], cases, cite(cases)).split("\n")
    assert (len(lines), lines[1]) == (4, "")
    assert [line[:4] for line in lines[2:]] == ["- **", "- **"]
    assert cite(cases)[0].quote == f"前{broken}后"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_compose_says_hostile_text_as_it_is_but_for_bracketed_numbers(hostile: str) -> None:
    cases = [case(hostile, title=hostile)]
    said = re.sub(r"\[(\d+)\]", r"\\[\1\\]", hostile)
    assert answer_text(QUESTIONS["zh", Form.FACT], cases, cite(cases)).endswith(f"{COLON}{said}[1]")
    assert refusal_text("zh", "not_in_articles", [found("句。", title=hostile)], NO_GAP).endswith(f"{COLON}{said}")
    assert (cite(cases)[0].title, cite(cases)[0].quote) == (hostile, hostile)


def shown(*texts: str, title: str = "题") -> str:
    """Return the Markdown of the chat bubble for one case of `texts`."""
    cases = [case(*texts, title=title)]
    citations = cite(cases)
    return answer_markdown(Answer(
        question="问", standalone_question="问", language="zh", text=answer_text(QUESTIONS["zh", Form.FACT], cases, citations),
        claims=claims_of(cases, citations), citations=citations, retrieved=(), model="m", index_version="1"), key=7)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_web_layer_links_only_to_its_own_citations(hostile: str) -> None:
    markdown = shown(hostile, title=hostile)
    assert not re.search(r"(?<!\\)<", markdown)
    assert set(re.findall(r"(?<!\\)\]\(([^ )]*)", markdown)) == {"#cite-7-1"}
    assert not re.search(r"(?<!\\)!\[", markdown)
    assert not re.search(r"(?i)http:", markdown)


@pytest.mark.parametrize("printed", ["[1]", "[1](javascript:x)"])
def test_a_number_in_brackets_of_an_article_is_no_marker(printed: str) -> None:
    assert shown(f"见{printed}。").count("](#cite-7-1") == 1
