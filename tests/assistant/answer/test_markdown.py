"""Nothing of an answer acts as Markdown. Run: python -m pytest -q tests/assistant/answer/test_markdown.py"""

import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from assistant.answer.markdown import harmless
from assistant.export.report_text import escaped

BARE = ("http://e.example/a", "HTTPS://e.example", "ftp://e.example", "mailto:a@e.example", "xmpp:a@e.example", "www.e.example", "Www.e.example")


@pytest.mark.parametrize("make", [harmless, escaped], ids=["chat", "export"])
@pytest.mark.parametrize("before", ["", " ", "见", "（", "，", "a", "_", "1", "é"])
@pytest.mark.parametrize("address", BARE)
def test_a_bare_address_is_no_link_whatever_stands_before_it(address: str, before: str, make: Callable[[str], str]) -> None:
    done = make(f"{before}{address}")
    reader = MarkdownIt("gfm-like")
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # what looks like a name is a guess of the reader
    assert "<a " not in reader.render(done)
    assert not re.search(r"(?i)(https?|ftp|mailto|xmpp):|www\.", done)
    assert done.replace("\u200b", "").replace("\\", "").strip() == f"{before}{address}".strip()
