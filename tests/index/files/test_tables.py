"""A table inside an article: its rows are text that can be found and quoted. Run: python -m pytest -q
tests/index/files/test_tables.py"""

import io

import docx
import pytest

from index.files.load import PAGES
from index.pages.articles import read_articles
from index.types import Sentence, Source, text_at

ROWS = (("社区", "送餐费", "自取", "党员送餐"), ("西溪社区", "12元", "9元", "免费"), ("东溪社区", "10元", "8元", "免费"),
        ("南溪社区", "11元", "8元", "2元"))
BEFORE = "松岭区三个社区的老人食堂公布了送餐价目，居民可以打电话订餐，也可以自己去取，党员志愿者中午把饭送到家里。"
BEHIND = "社区负责人说，价目每半年议一次，有困难的老人还可以申请补贴，名单贴在食堂门口，大家都能看见。"


def web_page(*texts: str, times: int = 1) -> bytes:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    before, *behind = [f"<p>{text * times}</p>" for text in texts] or [""]
    return (f"<html><head><title>送餐价目</title></head><body><h1>送餐价目</h1>{before}<table>{table}</table>{''.join(behind)}"
            "</body></html>").encode()


def word_file(*texts: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for text in texts[:1]:
        document.add_heading("送餐价目", 1)
        document.add_paragraph(text)
    table = document.add_table(rows=len(ROWS), cols=len(ROWS[0]))
    for row, values in zip(table.rows, ROWS, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    for text in texts[1:]:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def sentences(raw: bytes, name: str) -> list[Sentence]:
    page = PAGES[name.removeprefix("a")](raw, name)
    source = Source(file=name, path=name, text=page.text, sha256="0", encoding=page.encoding, headings=page.headings, metadata=page.metadata)
    [article] = read_articles(source)
    found = [s for p in article.paragraphs for s in p.sentences]
    assert all(text_at(page.text, s.spans) == s.text for s in found)
    return found


@pytest.mark.parametrize(("name", "raw"), [
    ("a.docx", word_file(BEFORE, BEHIND)), ("a.docx", word_file()), ("a.html", web_page(BEFORE, BEHIND)),
    ("a.html", web_page(BEFORE, BEHIND, times=4)), ("a.html", web_page()),
], ids=["docx", "docx-table-only", "html", "html-long", "html-table-only"])
def test_each_row_is_a_sentence_about_its_place(name: str, raw: bytes) -> None:
    found = sentences(raw, name)
    rows = {s.chain[-1]: s.text for s in found if s.chain and " | " in s.text and "元" in s.text}
    assert rows == {row[0]: " | ".join(row) for row in ROWS[1:]}
    assert " | ".join(ROWS[0]) in [s.text for s in found], "the heads of the columns"


def test_a_table_that_lays_out_a_page_is_paragraphs() -> None:
    raw = f"<html><body><table><tr><td>社区食堂</td><td>{BEFORE}{BEHIND}</td></tr></table></body></html>".encode()
    assert "|" not in PAGES[".html"](raw, "a.html").text


MEALS = (("枫桥社区", "早餐", "4元"), ("", "午餐", "9元"), ("石碾社区", "早餐", "5元"), ("", "午餐", "8元"))


def web_page_with_heads_beside_rows() -> bytes:
    rows = "".join(f"<tr>{f'<td rowspan=2>{head}</td>' if head else ''}<td>{meal}</td><td>{price}</td></tr>" for head, meal, price in MEALS)
    return (f"<html><head><title>送餐价目</title></head><body><h1>送餐价目</h1><p>{BEFORE * 4}</p>"
            f"<table><tr><td>社区</td><td>餐次</td><td>价格</td></tr>{rows}</table><p>{BEHIND}</p></body></html>").encode()


def word_file_with_heads_beside_rows() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_heading("送餐价目", 1)
    document.add_paragraph(BEFORE)
    table = document.add_table(rows=len(MEALS), cols=3)
    for row, values in zip(table.rows, MEALS, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    for first in (0, 2):
        table.cell(first, 0).merge(table.cell(first + 1, 0))
    document.add_paragraph(BEHIND)
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "raw"), [("a.html", web_page_with_heads_beside_rows()), ("a.docx", word_file_with_heads_beside_rows())], ids=["html", "docx"])
def test_a_head_beside_several_rows_stands_in_each(name: str, raw: bytes) -> None:
    rows = [s.text for s in sentences(raw, name) if "餐 | " in s.text]
    assert rows == [f"{MEALS[n - n % 2][0]} | {meal} | {price}" for n, (_, meal, price) in enumerate(MEALS)]
