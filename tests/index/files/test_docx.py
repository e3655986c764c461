"""What a Word file holds besides plain runs: tracked changes, readings, tables. Run: python -m pytest -q
tests/index/files/test_docx.py"""

import io

import docx
import pytest
from docx.oxml import parse_xml

from index.files.formats.docx import read_docx

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
