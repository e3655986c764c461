"""What is taken for the words to a photo, and what is not. Run: python -m pytest -q tests/index/pages/test_captions.py"""

import pytest

from index.pages.articles import read_articles
from index.types import Source, text_at

HEAD = ("松岭晚报 2025年4月9日 星期三", "", "老石匠教书法", "")
LEAD = "枫桥社区的停车费每月由95元降到60元，居民代表投票通过。"
REST = "居委会说，新规从五月起实行，欠费的住户可以分期补交。"


def sentences(*lines: str) -> list[str]:
    text = "\n".join(lines)
    source = Source(file="page.txt", path="page.txt", text=text, sha256="0", encoding="utf-8")
    found = [s for article in read_articles(source) for p in article.paragraphs for s in p.sentences]
    assert all(text_at(text, s.spans) == s.text for s in found)
    return [s.text for s in found]


@pytest.mark.parametrize("between", [(), ("本报记者 林知远",), ("本报记者 林知远", "")], ids=["headline", "byline", "byline-blank"])
def test_a_short_lead_under_the_headline_is_text(between: tuple[str, ...]) -> None:
    assert sentences(*HEAD, *between, LEAD, REST) == [LEAD, REST]


@pytest.mark.parametrize(("line", "text"), [(LEAD, [LEAD, REST]), ("居民代表在会议室议事。", [REST])], ids=["tells-a-story", "shows-a-scene"])
def test_on_a_page_with_photos_a_scene_that_stands_apart_under_a_headline_is_a_caption(line: str, text: list[str]) -> None:
    assert sentences(*HEAD, line, REST, "", "图为居民在议事。(纪云帆 摄)") == text
