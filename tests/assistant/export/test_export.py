"""Reports say what is supported, and are read back with other people's libraries. Run: python -m pytest -q
tests/assistant/export/test_export.py"""

import io
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date

import docx
import pypdfium2
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.export.build_report import build_report, printable
from assistant.export.pdf_lines import CLOSING
from assistant.export.report_pdf import as_pdf
from assistant.export.report_text import as_markdown, as_text
from assistant.export.report_word import as_docx
from assistant.export.types import Report, Table
from assistant.types import Answer
from index.errors import LinjianError
from index.types import Printing
from tests.fakes.chat_assistant import HOSTILE, HOSTILE_LINK, answer, cases, citation

DAY = date(2026, 1, 2)
UNSUPPORTED = "两种办法都先把账目公开，再谈收费"
DECEIVING = "\u202etxt.exe\u202c\u200f \x00\x07\x1b[31m \ufffe\ud800 http://example.com www.example.com a@example.com"
NASTY = [HOSTILE, HOSTILE_LINK, DECEIVING, "*x* _y_ `z` # a > b | c ~~d~~ $e$ [1](http://x) [1]: http://x", "[^1] - 1. + =", "长" * 10_000,
         "<font size=99>&lt;&amp;</font><img src='file:///etc/passwd'/><para>", "]]><w:t>x</w:t>", "𬭎🙂"]
HARD = st.sampled_from([text for text in NASTY if len(text) < 1000]) | st.text(st.characters(exclude_categories=()), max_size=30)


def report(*answers: Answer, language: str = "zh", title: str = "") -> Report:
    return build_report(answers, language=language, made=DAY, title=title)


def said_in_docx(raw: bytes) -> str:
    return "".join(t.text or "" for t in docx.Document(io.BytesIO(raw)).element.iter(qn("w:t")))


def said_in_pdf(raw: bytes) -> str:
    pages = pypdfium2.PdfDocument(raw)
    texts = [page.get_textpage().get_text_range() for page in pages]
    pages.close()
    return "".join(re.sub(rf"^{n}\s", "", text) for n, text in enumerate(texts, start=1))  # the page's number is drawn first


def said_in_markdown(text: str, *, table: bool = False) -> str:
    """Return what a reader sees; fails where anything is markup that we did not write."""
    said = []
    reader = MarkdownIt("gfm-like")
    # a bare name.com is a link to itself where a reader guesses
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    for token in reader.parse(text):
        assert token.type in {"inline", *(f"{kind}_{end}" for end in ("open", "close") for kind in (
            "heading", "paragraph", "blockquote", "bullet_list", "list_item", *(TABLE if table else ())))}, token
        for child in token.children or ():
            assert child.type in {"text", "strong_open", "strong_close", "softbreak", "text_special"}, child
            said.append(child.content)
    return "".join(said)


def has_table(report: Report) -> bool:
    return any(isinstance(block, Table) for entry in report.entries for block in entry.blocks)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


TABLE = ("table", "thead", "tbody", "tr", "th", "td")
READERS: dict[str, Callable[[Report], str]] = {
    "text": as_text, "markdown": lambda r: said_in_markdown(as_markdown(r), table=has_table(r)), "docx": lambda r: said_in_docx(as_docx(r)),
    "pdf": lambda r: said_in_pdf(as_pdf(r)),
}
each_format = pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())


@each_format
def test_all_that_a_report_says_is_read_back(read: Callable[[Report], str]) -> None:
    reprinted = replace(citation(3, "1-1", 0), also_in=(Printing("x", "05_b.txt", "题", "白藤日报", "2023-11-03"),))
    whole = report(answer("老旧小区没有物业怎么办？"),
                   answer("那收费呢？", text="- **东闸街道**：补一半[3]\n- 没有写的\\[3\\]", citations=(reprinted,), claims=(),
                          standalone_question="没有物业的小区怎么收费？"))
    said = squeezed(read(whole))
    at = 0
    for text in whole.texts():  # and in the same order
        at = said.index(squeezed(text), at)
    assert "另见于：白藤日报·2023-11-03" in said
    assert "理解为：没有物业的小区怎么收费？" in said


@each_format
def test_unsupported_claims_are_never_exported(read: Callable[[Report], str]) -> None:
    said = squeezed(read(report(answer("没有物业怎么办？"), answer("那收费呢？"))))
    assert "每户每月20元" in said
    assert UNSUPPORTED not in said
    assert "另有1句没有找到依据，未导出。" in said


@each_format
@pytest.mark.parametrize("nasty", NASTY, ids=["html", "links", "deceiving", "markdown", "starts", "long", "reportlab", "xml", "rare"])
def test_hostile_text_is_only_text(read: Callable[[Report], str], nasty: str) -> None:
    bad = replace(citation(1, "3-0", 0), title=nasty, source=nasty, place=nasty, file=nasty, quote=nasty)
    whole = report(answer(nasty, text=f"**x**：{nasty}[1]\n- {nasty} (http://x)", citations=(bad,), claims=()), title=nasty)
    said = squeezed(read(whole))
    shown = squeezed(printable(nasty))
    if "𬭎" in nasty and read is READERS["pdf"]:
        shown = "〔U+2CB4E〕〔U+1F642〕"
    assert said.count(shown) >= 6
    assert not re.search("[\u202e\u200f\x00\x07\x1b\ufffe\ud800]", said)


@given(HARD, HARD, HARD)
@settings(max_examples=20, deadline=None)
def test_no_text_breaks_a_format(question: str, text: str, quote: str) -> None:
    whole = report(answer(question, text=f"{text}[1]", citations=(replace(citation(1, "3-0", 0), quote=quote),), claims=()))
    expected = [squeezed(printable(question)), squeezed(printable(quote))]
    said = squeezed(said_in_docx(as_docx(whole)))
    assert all(one in said for one in expected)
    assert all(one in squeezed(as_text(whole)) for one in expected)
    said_in_markdown(as_markdown(whole))
    assert len(pypdfium2.PdfDocument(as_pdf(whole))) >= 1


def test_a_pdf_tells_by_number_what_its_font_lacks() -> None:
    said = squeezed(said_in_pdf(as_pdf(report(answer("问", text="\u2705甲㙍社区\u00a0é€¥，12m²，🙂[1]")))))
    assert "〔U+2705〕甲㙍社区é€¥，12m〔U+00B2〕，〔U+1F642〕[1]" in said


def test_an_article_is_one_reference_without_the_name_of_its_file() -> None:
    one = answer("问", text="甲[4]乙[2][3]丙[1]丁[9]")
    assert [b.text for b in report(one).entries[0].blocks] == ["甲[1]乙[2]丙[2]丁"]
    assert [(r.number, r.title) for r in report(one).references] == [(1, "三栋孤楼“抱团”请物业"), (2, "“没人管”的院子请来“自家管家”")]
    assert report(one).references[1].quotes == tuple(one.citations[n - 1].quote for n in (2, 3, 1))
    both = report(one, answer("再问", text="戊[4]己[2]"))
    assert [b.text for e in both.entries for b in e.blocks] == ["甲[1]乙[2]丙[2]丁", "戊[1]己[2]"]
    assert ".txt" not in as_text(both)


def test_a_quote_that_the_answer_holds_word_for_word_is_not_said_again() -> None:
    quote = citation(1, "0-2", 0).quote
    said = as_text(report(answer("问", text=f"{quote}[1]", citations=(citation(1, "0-2", 0),), claims=())))
    assert said.count(quote) == 1


@each_format
def test_cases_are_a_table_of_places_with_what_was_done_and_what_came_of_it(read: Callable[[Report], str]) -> None:
    whole = report(cases("有哪些社区管起来了？", more=0))
    assert [isinstance(block, Table) for block in whole.entries[0].blocks] == [False, True, False]
    said, at = squeezed(read(whole)), 0
    for text in ("桂花巷社区", "每户每月20元", "结余5300元。[1]", "东闸街道", "补一半。[2]", "街道补贴已经退出。[2]", "没有写：时间", "出处", "云泽晨报"):
        at = said.index(text, at)
    assert "做法" in said
    assert "结果" in said


@each_format
def test_cases_too_long_for_a_row_stay_a_list(read: Callable[[Report], str]) -> None:
    told = cases("哪些", more=0)
    whole = report(replace(told, claims=tuple(replace(c, text=c.text + "长" * 1000) for c in told.claims)))
    assert not has_table(whole)
    said = squeezed(read(whole))
    assert "做法：最后定下" in said
    assert "结果：头一年" in said


def test_a_word_file_is_of_the_paper_that_offices_have() -> None:
    made = docx.Document(io.BytesIO(as_docx(report(cases("哪些", more=0)))))
    assert [round(side.mm) for side in (made.sections[0].page_width, made.sections[0].page_height)] == [210, 297]
    assert [cell.text for cell in made.tables[0].rows[0].cells] == ["地方", "做法", "结果"]
    assert made.tables[0].rows[2].cells[0].text == "东闸街道"


@pytest.mark.parametrize("length", range(30, 50))
@pytest.mark.parametrize("mark", ["", "[1]"])
def test_no_line_of_a_pdf_begins_with_what_closes(length: int, mark: str) -> None:
    raw = as_pdf(report(answer("问", text=f"{'长' * length}，”{mark}{'短' * 60}", citations=(citation(1, "1-0", 0),), claims=())))
    with closing(pypdfium2.PdfDocument(raw)) as pages:
        lines = pages[0].get_textpage().get_text_range().splitlines()
    assert not [line for line in lines if line[:1] in CLOSING]


def test_links_in_a_word_file_lead_to_references() -> None:
    body = docx.Document(io.BytesIO(as_docx(report(answer("问"))))).element
    links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert links == {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))} == {"ref1", "ref2"}


def test_links_in_a_pdf_stay_inside_it() -> None:
    raw = as_pdf(report(answer("问", text=f"{HOSTILE_LINK}[1]")))
    assert b"/URI" not in raw
    assert raw.count(b"/Subtype /Link") == 1


def test_a_refusal_is_reported_as_such() -> None:
    refused = answer("天气", text="资料中没有找到答案。", citations=(), claims=(), refused=True, refusal_reason="off_topic")
    assert as_text(report(refused)) == "问：天气\n\n资料中没有找到答案。\n"


def test_english() -> None:
    said = as_text(report(answer("Who pays?"), answer("And then?"), language="en"))
    assert said.startswith("Linjian: questions and answers\n")
    assert "\nSources:\n[1] " in said


def test_nothing_to_report_is_told() -> None:
    with pytest.raises(LinjianError, match="没有可以导出的回答"):
        report()


def test_a_long_conversation_is_quick_enough_to_wait_for() -> None:
    whole = report(*(replace(answer(f"第{n}问"), citations=tuple(replace(c, article_id=f"a{n}") for c in answer("").citations))
                     for n in range(20)))
    assert len(whole.references) == 20
    assert said_in_pdf(as_pdf(whole)).count("第19问") == 1
    assert "第19问" in said_in_docx(as_docx(whole))
