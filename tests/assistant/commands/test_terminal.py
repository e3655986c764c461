"""Nothing of an article or an answer acts on the terminal. Run: python -m pytest -q tests/assistant/commands/test_terminal.py"""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import app
from assistant.commands.ask_command import answer_one
from assistant.types import Answer, Ask
from index.ingest.corpus import Corpus
from index.messages import printable
from tests.fakes.chat_assistant import answer
from tests.fakes.hash_encoder import HashEncoder

ACTING = "\x1b]0;x\x07\x9b31m\x7f\u202e\u2066\u200f\r"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200f\u202a-\u202e\u2066-\u2069]")
PAGE = f"一张茶桌{ACTING[:-1]}理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张{ACTING}茶桌，谁家有矛盾，就坐下来喝杯茶。三轮茶喝下来，多半都能说和。\n"


@pytest.mark.parametrize(("text", "shown"), [
    ("a\tb\n茶 👩\u200d🌾\u3000", "a\tb\n茶 👩\u200d🌾\u3000"), ("\x1b[2J", "\\u001b[2J"), ("\x9b\u202e\r", "\\u009b\\u202e\\r")])
def test_what_would_act_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_json_that_is_made_printable_says_the_same() -> None:
    assert json.loads(printable(json.dumps({"a": ACTING}, ensure_ascii=False))) == {"a": ACTING}


@pytest.mark.parametrize("command", [["show", "page.txt"], ["show", "page.txt", "--structure"], ["show"], ["list"], ["corrections"]],
                         ids=" ".join)
def test_of_an_article(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.txt").write_bytes(PAGE.encode())
    [outcome] = Corpus(tmp_path / "home", HashEncoder()).add([tmp_path / "page.txt"])
    assert outcome.status == "added"
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path / "home"))
    if command == ["show"]:
        assert app.main(["index", "show", "page.txt"]) == 0
        command = ["show", capsys.readouterr().out.split()[0]]
    assert app.main(["index", *command]) == 0
    printed = capsys.readouterr().out
    assert not OBEYED.search(printed)
    assert ("\\u001b" in printed) == (command[0] == "show" and command[-1] != "page.txt")  # such a line is no headline


class Hostile:
    def invoke(self, input: Ask) -> Answer:
        told = answer(input.question)
        return replace(told, text=told.text + ACTING, citations=tuple(replace(c, quote=ACTING, title=ACTING) for c in told.citations))


@pytest.mark.parametrize("as_json", [False, True])
def test_of_an_answer(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer_one(Hostile, "问", as_json=as_json) == 0
    printed = capsys.readouterr().out
    assert not OBEYED.search(printed)
    assert not as_json or json.loads(printed)["citations"][0]["quote"] == ACTING


def test_of_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))
    assert app.main(["--config", "\x1b[2J.toml", "index", "list"]) == 1
    assert not OBEYED.search(capsys.readouterr().err)
