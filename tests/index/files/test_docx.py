"""What a Word file holds besides plain runs: tracked changes, readings, tables. Run: python -m pytest -q
tests/index/files/test_docx.py"""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

from index.files.formats.docx import read_docx
from index.pages.articles import read_articles
from index.types import Source

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run(text: str, kind: str = "t") -> str:
    return f"<w:r><w:{kind}>{text}</w:{kind}></w:r>"


def read(*paragraphs: str) -> list[str]:
    """Return the lines that are read from paragraphs in Word's own markup."""
    document, out = docx.Document(), io.BytesIO()
    for inside in paragraphs:
        document.element.body.append(parse_xml(f"<w:p {NAMESPACE}>{inside}</w:p>"))
    document.save(out)
    return read_docx(out.getvalue(), "a.docx").text.split("\n")


@pytest.mark.parametrize(("inside", "text"), [
    (run("停车费每月由") + f"<w:del>{run('80元', 'delText')}</w:del><w:ins>{run('95元')}</w:ins>" + run("降到60元。"), "停车费每月由95元降到60元。"),
    (f"<w:ins>{run('居民代表投票通过。')}</w:ins>", "居民代表投票通过。"),
    (f"<w:moveFrom>{run('新规从五月起实行。')}</w:moveFrom>", ""),
    (f"<w:moveTo>{run('新规从五月起实行。')}</w:moveTo>", "新规从五月起实行。"),
    (f"<w:del><w:ins>{run('写了又删')}</w:ins></w:del>" + run("留下的。"), "留下的。"),
    (f"<w:sdt><w:sdtContent>{run('枫桥社区')}</w:sdtContent></w:sdt>" + run("开会。"), "枫桥社区开会。"),
    (f"<w:r><w:ruby><w:rt>{run('tóng')}</w:rt><w:rubyBase>{run('仝')}</w:rubyBase></w:ruby></w:r>" + run("明远来了。"), "仝明远来了。"),
    ('<w:pPr><w:tabs><w:tab w:val="left" w:pos="420"/></w:tabs></w:pPr>' + run("甲") + "<w:r><w:tab/></w:r>" + run("乙"), "甲 乙"),
], ids=["replaced", "inserted", "moved-away", "moved-here", "inserted-and-deleted", "control", "reading", "tab"])
def test_a_paragraph_is_read_with_its_changes_accepted(inside: str, text: str) -> None:
    assert read(inside) == [text]


def word_file(*paragraphs: tuple[str, int | None]) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for text, level in paragraphs:
        document.add_paragraph(text) if level is None else document.add_heading(text, level)
    document.save(out)
    return out.getvalue()


def with_lost_part(raw: bytes, target: str) -> bytes:
    """Return the file with a relationship to a picture that it does not hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as packed, zipfile.ZipFile(out, "w") as lost:
        for name in packed.namelist():
            part = packed.read(name)
            if name == "word/_rels/document.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
                part = part.replace(b"</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="{target}"/></Relationships>'.encode())
            lost.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("target", ["../NULL", "NULL", "media/image9.png", "/word/media/lost.emf"])
def test_a_file_with_a_lost_picture_is_read(target: str) -> None:
    raw = word_file(("松岭社区办菜市", None), (TEXT, None))
    assert read_docx(with_lost_part(raw, target), "a.docx") == read_docx(raw, "a.docx")


TEXT = "松岭社区把旧锅炉房改成了菜市,二十个摊位都租给本院的居民,摊位费一年收一次。"
MORE = "菜市由居委会管,每天早上六点开门,物业派人打扫,居民说买菜近了,也便宜了。"


@pytest.mark.parametrize(("paragraphs", "titles", "sections"), [
    ([("松岭社区办菜市", None), ("先摆摊位", 2), (TEXT, None), ("再定规矩", 2), (MORE, None)], ["松岭社区办菜市"], ["先摆摊位", "再定规矩"]),
    ([("松岭社区办菜市", None), (TEXT, None), ("再定规矩", 3), (MORE, None)], ["松岭社区办菜市"], ["", "再定规矩"]),
    ([("松岭社区办菜市", None), ("本报记者 苏晴", None), ("一、先摆摊位", 1), (TEXT, None), ("二、再定规矩", 1), (MORE, None)], ["松岭社区办菜市"], ["一、先摆摊位", "二、再定规矩"]),
    ([("松岭社区办菜市", 1), (TEXT, None), ("再定规矩", 2), (MORE, None)], ["松岭社区办菜市"], ["", "再定规矩"]),
    ([("松岭社区办菜市", 1), (TEXT, None), ("枫桥社区修路灯", 1), (MORE, None)], ["松岭社区办菜市", "枫桥社区修路灯"], [""]),
], ids=["plain-headline", "plain-headline-and-lead", "counted", "headline-of-level-1", "two-articles"])
def test_headings_of_a_lower_level_are_sections(paragraphs: list[tuple[str, int | None]], titles: list[str], sections: list[str]) -> None:
    page = read_docx(word_file(*paragraphs), "a.docx")
    articles = read_articles(Source("a.docx", "a.docx", page.text, "0", "docx", page.metadata, page.headings))
    assert [a.title for a in articles] == titles
    assert [p.section for p in articles[0].paragraphs] == sections
