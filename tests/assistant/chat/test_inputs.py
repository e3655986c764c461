"""What an event takes: a table of components, values and whether they fit. Run: python -m pytest -q
tests/assistant/chat/test_inputs.py"""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from assistant.chat.gradio_fixes.inputs import LONGEST_TEXT, MOST_ENTRIES, is_upload, undeclared

FILE = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
TAKEN = {
    "text": (gr.Textbox, "停车难怎么办？"), "empty": (gr.Textbox, ""), "none": (gr.Textbox, None), "button": (gr.Button, "停车"),
    "choice": (gr.Radio, "a1"), "choices": (gr.Dropdown, ["a", "b"]), "one choice": (gr.Dropdown, "a"), "boxes": (gr.CheckboxGroup, []),
    "language": (gr.BrowserState, "en"), "state": (gr.State, FILE),
}
REFUSED = {
    "file as text": (gr.Textbox, FILE), "list as text": (gr.Textbox, ["a"]), "number as text": (gr.Textbox, 1), "yes as text": (gr.Button, True),
    "long text": (gr.Textbox, "x" * (LONGEST_TEXT + 1)), "file as choice": (gr.Dropdown, [FILE]), "file as radio": (gr.Radio, FILE),
    "many choices": (gr.CheckboxGroup, ["a"] * (MOST_ENTRIES + 1)), "file as language": (gr.BrowserState, FILE),
    "text as file": (gr.File, "/etc/hostname"), "foreign file": (gr.File, FILE), "foreign files": (gr.File, [FILE]),
    "a kind that is not known here": (gr.Chatbot, "hello"), "html": (gr.HTML, "<p>"),
}


@pytest.mark.parametrize(("kind", "value", "refused"), [(*case, False) for case in TAKEN.values()] + [(*case, True) for case in REFUSED.values()],
                         ids=[*TAKEN, *REFUSED])
def test_only_what_is_declared_is_taken(kind: type[Any], value: Any, refused: bool, tmp_path: Path) -> None:
    assert undeclared(kind(), value, tmp_path) is refused


def test_an_upload_lies_in_the_folder_of_uploads(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    good = {"path": str(folder / "a.txt"), "orig_name": "“a”.txt", "size": 1, "mime_type": None, "url": "x", "meta": {}, "is_stream": False}
    assert is_upload(good, folder)
    for path in (tmp_path / "secret.txt", folder / ".." / "secret.txt", folder / "link.txt", "/etc/passwd", folder, "a.txt", "a\0b", "x" * 9999):
        assert not is_upload({**good, "path": str(path)}, folder), path
    for wrong in ({"path": 1}, {"path": None}, {"is_stream": True}, {"url": {}}, {"orig_name": ["x"]}, {"more": 1}, {"size": "1"}):
        assert not is_upload(good | wrong, folder), wrong
