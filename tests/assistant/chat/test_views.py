"""The HTML and Markdown of the chat page: what is printed is text, and marks stand at their offsets."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from assistant.answer.markdown import answer_markdown, harmless, plain
from assistant.chat.state.answer_stream import answer_stream, answered
from assistant.chat.state.session import Entry, Session, named
from assistant.chat.views.answer_view import reply_markdown
from assistant.chat.views.evidence_view import ShownEvidence, card, dialog, panel
from assistant.chat.views.highlight import marked
from assistant.locales.loader import words
from assistant.storage.snapshot import gather
from assistant.templates.environment import escape
from assistant.types import Citation, Draft
from index.errors import NotFound
from index.search.filters import Filters
from index.types import Passage, Sentence, text_at
from tests.fakes.chat_assistant import (
    ARTICLES,
    HOSTILE,
    HOSTILE_LINK,
    PASSAGES,
    SPLIT,
    FakeIndex,
    answer,
    cases,
    citation,
    found,
)

TEXT = words("zh").chat


class Page(HTMLParser):
    """Reads HTML back: its tags with attributes, its text, the text of each mark by citation, all ids."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: dict[str, str] = {}
        self._open: list[str] = []
        self._number = False
        self.feed(str(source))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._open = dict(attrs)["data-cite"].split()
        self._number = self._number or tag == "sup"

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._open = []
        if tag == "sup":
            self._number = False

    def handle_data(self, data: str) -> None:
        self.text += data
        for name in () if self._number else self._open:
            self.marks[name] = self.marks.get(name, "") + data

    def of_class(self, name: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attrs) for tag, attrs in self.tags if name in (attrs.get("class") or "").split()]


def shown(*answers: object, text: dict[str, str] = TEXT) -> Page:
    index = FakeIndex()
    return Page(panel([ShownEvidence.of(key, gather(one, index)) for key, one in enumerate(answers, start=1)], text))


HOSTILE_TEXTS = {
    "script": "<script>window.__pwned=1</script>",
    "image": "<img src=x onerror=alert(1)>",
    "quotes": "\" onmouseover=\"alert(1)\" ' autofocus onfocus='alert(1)",
    "template literal": "${alert(1)} `${alert(2)}`",
    "handlebars": "{{constructor}} {{{x}}} {{#if x}}",
    "entity": "&lt;b&gt; &#60;script&#62;",
    "link": "[a](javascript:alert(1))",
    "close": "</mark></p></dialog><!-- --></section>",
    "backslash": "\\${x} \\x3cscript\\x3e",
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_escaped_text_reads_back_as_it_was_and_holds_no_live_character(text: str) -> None:
    escaped = escape(text)
    assert not set("<>\"'${}`\\") & set(escaped)
    page = Page(f'<p title="{escaped}">{escaped}</p>')
    assert page.tags == [("p", {"title": text})]
    assert page.text == text


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
@pytest.mark.parametrize("field", ["title", "source", "date", "place", "file"])
def test_hostile_fields_add_no_tag(hostile: str, field: str) -> None:
    tame = answer("问")
    cited = tuple(replace(c, **{field: hostile}) for c in tame.citations)
    wild = replace(tame, question=hostile, citations=cited)
    assert [tag for tag, _ in shown(wild).tags] == [tag for tag, _ in shown(tame).tags]
    assert hostile in shown(wild).text


def test_a_hostile_article_is_printed() -> None:
    page = Page(dialog(ARTICLES[3], [], TEXT))
    assert {tag for tag, _ in page.tags} == {"dialog", "div", "span", "button", "article", "p", "h2"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert page.text.count(HOSTILE) == 5  # bar, headline, newspaper, byline, body
    assert HOSTILE_LINK in page.text


def test_marks_hold_exactly_the_cited_sentences() -> None:
    page = shown(answer("问"))
    for cited in answer("问").citations:
        # once in the card, once in the whole article
        assert page.marks[f"1-{cited.number}"] == cited.quote * 2


def test_a_sentence_of_two_spans_is_one_mark_and_its_neighbour_none() -> None:
    split = PASSAGES["0-2"].sentences[0]
    assert split.spans == ((split.start, SPLIT), (SPLIT + 12, split.end))
    html = marked(PASSAGES["0-2"].sentences, [(1, citation(1, "0-2", 0))], anchors=True)
    assert html.count("<mark") == 1
    assert html.endswith(f"</mark>{PASSAGES['0-2'].sentences[1].text}")


def test_a_part_of_a_sentence_is_marked_at_its_offsets() -> None:
    sentence = PASSAGES["0-2"].sentences[0]
    spans = ((SPLIT - 3, SPLIT), (SPLIT + 12, SPLIT + 15))
    part = replace(citation(1, "0-2", 0), spans=spans)
    file_text = " " * sentence.start + sentence.text[: SPLIT - sentence.start] + "□" * 12
    file_text += sentence.text[SPLIT - sentence.start :]
    assert Page(marked([sentence], [(1, part)])).marks == {"1-1": text_at(file_text, spans)}


def test_two_citations_of_one_sentence_share_a_mark_and_keep_their_ids() -> None:
    both = [(2, citation(1, "0-1", 1)), (2, citation(5, "0-1", 1))]
    page = Page(marked(PASSAGES["0-1"].sentences, both, anchors=True))
    assert [attrs["id"] for _, attrs in page.tags if "id" in attrs] == ["cite-2-1", "cite-2-5"]
    assert [attrs["data-cite"] for tag, attrs in page.tags if tag == "mark"] == ["2-1 2-5"]


def test_cards_are_grouped_by_passage_and_kept_apart_from_what_was_only_found() -> None:
    page = shown(answer("问"))
    cards, unused = page.of_class("lj-card"), page.of_class("lj-unused")
    assert (len(cards) - len(unused), len(unused)) == (3, 5)
    assert [tag for tag, attrs in page.tags if attrs.get("class") == "lj-also"] == ["details"]


def test_a_long_passage_is_shown_around_the_cited_sentences_only() -> None:
    sentences = tuple(Sentence(((n * 4, n * 4 + 4),), f"第{n:02}。") for n in range(20))
    passage = Passage("p", "a", sentences)
    cited = [
        Citation(n, "p", "a", "", "", "", "", "f", passage.sentences[at].spans, passage.sentences[at].text)
        for n, at in ((1, 5), (2, 12))
    ]
    asked = ShownEvidence(1, replace(answer("问"), citations=tuple(cited)), {"p": passage}, {})
    page = Page(card(asked, cited, TEXT))
    assert "… 第03。第04。1第05。第06。第07。 … 第10。第11。2第12。第13。第14。 …" in page.text
    assert [tag for tag, attrs in page.tags if tag == "mark" and "id" in attrs] == ["mark", "mark"]


def test_ids_are_unique_and_every_button_finds_its_article_in_a_long_conversation() -> None:
    page = shown(answer("一"), answer("二"), answer("三", citations=(citation(1, "1-0", 0),)))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"cite-1-1", "cite-2-1", "cite-3-1"} <= set(ids)
    assert {attrs["data-opens"] for _, attrs in page.tags if "data-opens" in attrs} <= set(ids)
    assert ["hidden" in attrs for tag, attrs in page.tags if tag == "section"] == [True, True, False]


def test_a_missing_date_and_newspaper_are_said() -> None:
    no_date = answer("问", citations=(citation(1, "2-0", 0),))
    assert "报纸不详 · 日期不详 · 怀化路社区" in shown(no_date).text
    assert "newspaper unknown · date unknown" in shown(no_date, text=words("en").chat).text


def test_a_refusal_lists_the_nearest_articles_openly() -> None:
    page = shown(answer("问", citations=(), refused=True, retrieved=(found("1-0"),)))
    assert "最接近的报道（未作为依据）" in page.text
    assert not [tag for tag, _ in page.tags if tag in ("details", "mark")]
    assert "没有找到相近的报道" in shown(answer("问", citations=(), refused=True, retrieved=())).text


def test_a_citation_outlives_its_article() -> None:
    class Emptied(FakeIndex):
        def article(self, article_id: str) -> None:
            raise NotFound(article_id)

        passage = article

    page = Page(panel([ShownEvidence.of(1, gather(answer("问"), Emptied()))], TEXT))
    assert page.marks == {f"1-{c.number}": c.quote for c in answer("问").citations}
    assert TEXT["gone"] in page.text
    assert not [attrs for _, attrs in page.tags if "data-opens" in attrs]


def test_only_numbers_that_cite_something_become_links() -> None:
    text = answer_markdown(answer("问", text=f"{answer('问').text}先公开账目，再谈收费[9]。"), 7)
    assert re.findall(r"\]\(#(cite-\d+-\d+) ", text) == ["cite-7-2", "cite-7-3", "cite-7-1", "cite-7-4"]
    assert r"再谈收费\[9\]" in text


@pytest.mark.parametrize(
    "text", ["![x](http://e/a.png)", "[x](javascript:1)", "![a][b]\n\n[b]: http://e", "<b>"]
)
def test_markdown_of_an_answer_is_disarmed(text: str) -> None:
    done = harmless(text)
    assert not re.search(r"(?<!\\)!\[|\]\(|\]:|\]\[|<|http:", done)


@pytest.mark.parametrize("text", [
    "白天3~5元,夜间8~10元", "*不含*电费", "每户3*5元，每层8*10元", "表_1_和_2_", "输入`12`", "3\\~5元,8\\~10元", "共***5***户", "路径\\*",
])
def test_marks_of_a_page_are_printed_and_only_those_of_the_answer_mark_up(text: str) -> None:
    reader = MarkdownIt("gfm-like", {"linkify": False})
    assert reader.renderInline(harmless(text)) == text
    assert reader.renderInline(harmless(f"**计{text}计**：~~计{text}计~~\\[1\\]")) == f"<strong>计{text}计</strong>：<s>计{text}计</s>[1]"


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_cards_and_table_hold_the_statements_as_text_on_one_line(hostile: str) -> None:
    tame, text = cases("哪些", more=0), "一句"
    wild = replace(tame, claims=tuple(replace(c, text=hostile, place=f"{hostile}{n}社区") for n, c in enumerate(tame.claims)),
                   citations=tuple(replace(c, title=hostile, source=hostile, date=hostile) for c in tame.citations))
    plain_one = replace(tame, claims=tuple(replace(c, text=text, place=f"{n}社区") for n, c in enumerate(tame.claims)))
    drawn = reply_markdown(wild, 1, TEXT)
    block = drawn.split("\n\n")[1]
    assert block.startswith('<div class="lj-cases">')
    assert "\n" not in block
    assert Page(block).text.count(" ".join(hostile.split())) >= len(tame.claims) * 4
    tags = [tag for tag, _ in Page(block).tags if tag != "br"]
    assert tags == [tag for tag, _ in Page(reply_markdown(plain_one, 1, TEXT).split("\n\n")[1]).tags if tag != "br"]
    assert {attrs["href"] for tag, attrs in Page(block).tags if tag == "a"} == {f"#cite-1-{n}" for n in range(1, 6)}


def test_a_claim_without_evidence_is_said_once_struck_out_beneath_the_answer() -> None:
    one = answer("问")
    drawn = answered(Entry("问", ""), ShownEvidence.of(1, gather(one, FakeIndex())), TEXT)
    assert drawn.reply.count(one.claims[0].text) == 1
    assert f"~~{one.claims[0].text}~~" in drawn.reply
    assert one.claims[0].text not in shown(one).text


def test_a_list_of_cases_keeps_what_stands_before_and_behind_it() -> None:
    before, block, after = reply_markdown(cases("哪些", more=0), 1, TEXT).split("\n\n")
    assert (before, after) == ("资料中有 3 个地方的做法：", "资料中没有写：时间。")
    assert all(c.quote in Page(block).text for c in cases("哪些", more=0).citations[:4])


def test_a_text_that_cites_outside_its_list_is_shown_as_it_is() -> None:
    listed = cases("哪些", more=0)
    told = replace(listed, text=f"先说一句[1]。\n\n{listed.text}")
    assert reply_markdown(told, 1, TEXT) == answer_markdown(told, 1)
    assert reply_markdown(answer("问"), 1, TEXT) == answer_markdown(answer("问"), 1)


def test_filters_are_named_as_people_read_them() -> None:
    chosen = Filters(("甲区",), ("乙报",), "2024-02-01", "2024-02-29")
    assert named(chosen, TEXT) == ["甲区", "乙报", "2024-02 起", "2024-02 止"]
    assert named(Filters(), TEXT) == []


def test_a_question_asked_again_takes_the_place_of_its_answer() -> None:
    session = Session([Entry("一", "甲"), Entry("二", "乙", filters=Filters(("甲区",)))])
    run = session.begin_again("找", alone=True)
    assert [(e.question, e.running, e.alone) for e in session.entries] == [("一", False, False), ("二", True, True)]
    assert session.entries[-1].filters == Filters(("甲区",))
    assert session.write(run, replace(session.entries[-1], reply="新", running=False))
    assert session.begin_again("找", all_cases=True) > run
    assert session.entries[-1].alone


def test_an_exclamation_mark_before_a_marker_makes_no_image() -> None:
    text = answer_markdown(answer("问", text="好![1] 再\\[2]"), 1)
    assert "![" not in text
    assert "\\[\\[" not in text


def test_a_question_is_shown_letter_for_letter() -> None:
    assert plain("# *a* <b>\n  1. `x`") == "\\# \\*a\\* \\<b\\>\n1\\. \\`x\\`"


def test_the_history_is_the_last_six_answered_turns_without_markers() -> None:
    done = Entry("问", "", evidence=ShownEvidence.of(1, gather(answer("问", text="甲[1]乙" + "丙" * 400), FakeIndex())))
    turns = Session([done, Entry("错", "出错了")] * 8).history()
    assert len(turns) == 6
    assert turns[0].question == "问"
    assert turns[0].answer_gist == "甲乙" + "丙" * 298


def test_a_stream_without_an_answer_is_a_bug_not_an_endless_wait(caplog: pytest.LogCaptureFixture) -> None:
    steps = list(answer_stream(iter([Draft("只说了一半")]), FakeIndex(), Entry("问", "", running=True), 1, TEXT))
    assert steps == [Entry("问", plain(TEXT["unexpected"]))]
    assert "RuntimeError: the assistant's stream ended without an answer" in caplog.text


def test_a_stopped_run_writes_no_more() -> None:
    session = Session()
    run = session.begin("一", "找")
    assert session.write(run, replace(session.entries[-1], reply="半"))
    session.stop("停")
    assert not session.write(run, Entry("一", "迟到"))
    assert session.entries == [Entry("一", "半\n\n停")]
    assert session.write(session.begin("二", "找"), Entry("二", "好"))
    assert not session.write(run, Entry("一", "迟到"))
    late = session.begin("三", "找")
    session.clear()
    assert not session.write(late, Entry("三", "迟到"))
    assert session.entries == []
