"""What the index says in codes has words in both languages, and every code that is raised fills its words.

Run: python -m pytest -q tests/index/test_messages.py
"""

import ast
import re
import string
from enum import StrEnum
from pathlib import Path

import pytest

from assistant.locales.index_words import index_words
from index.errors import FileError
from index.messages import FileProblem, Message, english
from index.pages.line_reasons import LineReason

ROOT = Path(__file__).parents[2]
CODES: dict[str, type[StrEnum]] = {"line_reason": LineReason, "file_problem": FileProblem}
CALLS = [call for path in (ROOT / "index").rglob("*.py") for call in ast.walk(ast.parse(path.read_text("utf-8")))
         if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("FileError", "Message")]


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("table", CODES)
def test_every_code_has_words(table: str, lang: str) -> None:
    words = index_words(lang)[table]
    assert words.keys() == {code.value for code in CODES[table]}
    assert all(text.strip() for text in words.values())
    if lang == "zh-CN":
        assert not [code for code, text in words.items() if not re.search(r"[\u4e00-\u9fff]", text)]
        assert not [code for code, text in words.items() if not gaps(text) <= gaps(english()[table][code])]


@pytest.mark.parametrize("table", CODES)
def test_every_code_is_given_somewhere(table: str) -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "index").rglob("*.py"))
    assert not [name for name in CODES[table].__members__ if f"{CODES[table].__name__}.{name}" not in code]


def test_every_error_fills_its_words() -> None:
    for call in CALLS:
        named = [node.attr for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)
                 and isinstance(node.value, ast.Name) and node.value.id == "FileProblem"]
        given = {word.arg for word in call.keywords} if call.func.id == "FileError" else {
            key.value for key in getattr(call.args[1], "keys", ())}
        assert not [name for name in named if gaps(english()["file_problem"][FileProblem[name]]) != given], ast.unparse(call)
    assert sum("FileProblem." in ast.unparse(call) for call in CALLS) > 50


def test_an_error_inside_another_is_said_in_the_same_language() -> None:
    inner = FileError(FileProblem.EMPTY, file="a.toml")
    outer = Message(FileProblem.FOLDER_LEFT, {"because": inner.message})
    assert str(outer) == "'a.toml' is empty. The pages of this folder were left as they are."
    assert outer.in_words(index_words("zh-CN")["file_problem"]) == "文件里没有文字。这个文件夹里的版面没有改动。"


def test_what_a_file_is_called_cannot_change_the_words() -> None:
    error = FileError(FileProblem.EMPTY, file="{file.__class__}{0}%s\n")
    assert str(error) == "'{file.__class__}{0}%s\\n' is empty."
