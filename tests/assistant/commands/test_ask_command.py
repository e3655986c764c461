"""The command line without a model: parsing, settings, mistakes, files in and out.

Run: python -m pytest tests/assistant/commands/test_ask_command.py
"""

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import app
from assistant.commands import ask_command, index_actions, index_commands
from assistant.server import serve
from assistant.types import Answer, Ask, Citation, Turn
from index.errors import LinjianError, MissingIndex, ReadError
from index.search.filters import Filters
from tests.fakes.hash_encoder import context

ROOT = Path(__file__).resolve().parents[3]
ANSWER = Answer(
    question="",
    standalone_question="",
    language="zh",
    text="412个[1]。",
    claims=(),
    citations=(
        Citation(1, "p", "a", "错时共享", "云泽晨报", "2024-05-06", "", "p.txt", ((3, 5), (9, 12)), "412."),
    ),
    retrieved=(),
    model="fake",
    index_version="1",
)


class Echo:
    """An assistant that answers everything alike and remembers what it was asked."""

    def __init__(self, fails_at: int = -1) -> None:
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        self.fails_at = fails_at

    def invoke(self, input: Ask) -> Answer:
        if len(self.asked) == self.fails_at:
            raise KeyboardInterrupt
        self.asked.append((input.question, input.history))
        self.filters = input.filters
        return replace(ANSWER, question=input.question)


def no_assistant() -> Echo:
    pytest.fail("the model would be loaded before the input is checked")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in an empty current folder, without any setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("LINJIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


# -- usage -----------------------------------------------------------------------------------------------


def test_version_is_told_everywhere_alike(capsys: pytest.CaptureFixture[str]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", changes, re.MULTILINE)
    assert released[0] == version
    assert app.main(["--version"]) == 0
    assert capsys.readouterr().out == f"linjian {version}\n"


@pytest.mark.parametrize("command", [[], ["serve"], ["ask"], ["config"], ["index"], ["index", "show"]])
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main([*command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(" ".join(["Usage: linjian", *command]))


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nonsense"],
        ["index"],
        ["index", "add"],
        ["index", "show"],
        ["index", "remove"],
        ["ask"],
        ["ask", " "],
        ["ask", "q", "--out", "b"],
        ["ask", "--batch", "a"],
        ["ask", "q", "--batch", "a", "--out", "b"],
        ["ask", "--batch", "a", "--out", "b", "--json"],
        ["ask", "--batch", "a", "--out", "b", "--history", "c"],
        ["ask", "--batch", "a", "--out", "b", "--place", "c"],
        ["ask", "问", "--since", "2024-13-01"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(argv) == 2
    assert "Usage: linjian" in capsys.readouterr().err


@pytest.mark.process
def test_help_and_config_are_quick() -> None:
    script = "import sys, app; app.main(['config']); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"torch", "transformers", "sentence_transformers", "gradio", "faiss", "numpy", "langchain_core"}
    assert not heavy & set(ran.stderr.split())


# -- errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["ask", "问"], "linjian index add"),
        (["index", "list"], "linjian index add"),
        (["index", "stats"], "linjian index add"),
        (["index", "show", "x"], "linjian index add"),
        (["index", "remove", "x"], "linjian index add"),
        (["index", "rebuild"], "linjian index add"),
        (["index", "add", "absent", "."], "'absent'. Nothing was added"),
        (["serve", "--examples", "absent"], "--examples"),
        (["--config", "absent.toml", "config"], "absent.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_errors_are_one_line_and_name_what_to_do(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert app.main(argv) == 1
    message = capsys.readouterr().err
    assert message.startswith("linjian: ")
    assert message.count("\n") == 1
    assert said in message
    assert not home.exists()


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(index_commands, "open_stored", interrupted)
    assert app.main(["index", "stats"]) == 130


def test_a_taken_port_is_told_before_the_model_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LinjianError, match=f"port {port}: .*LINJIAN_PORT"):
            serve.check_address("127.0.0.1", port)
    serve.check_address("127.0.0.1", port)


def test_config_prints_toml_that_gives_the_same_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINJIAN_PORT", "8001")
    assert app.main(["config"]) == 0
    printed = capsys.readouterr().out
    assert "= 8001  # environment LINJIAN_PORT" in printed
    monkeypatch.delenv("LINJIAN_PORT")
    (tmp_path / "linjian.toml").write_text(printed, "utf-8")
    assert app.main(["config"]) == 0
    again = capsys.readouterr().out
    assert tomllib.loads(again) == tomllib.loads(printed)
    assert f"= 8001  # linjian.toml: {tmp_path / 'linjian.toml'}" in again
    assert "no weights" not in again


def test_config_says_that_no_weights_were_fitted_to_an_encoder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINJIAN_ENCODER", "someone/else")
    assert app.main(["config"]) == 0
    assert re.search("^# no weights were fitted to the encoder 'someone/else'.*LINJIAN_ENCODER=e5-small$", capsys.readouterr().out, re.M)


def test_config_helps_when_the_settings_are_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINJIAN_PORT", "high")
    monkeypatch.setenv("LINJIAN_PROT", "1")
    assert app.main(["config"]) == 1
    out, err = capsys.readouterr()
    assert re.search(r"^# port +a whole number from 1 to 65535$", out, re.MULTILINE)
    assert "LINJIAN_PORT" in err
    monkeypatch.delenv("LINJIAN_PORT")
    assert app.main(["config"]) == 0
    assert "ignored: LINJIAN_PROT" in capsys.readouterr().err


# -- ask -------------------------------------------------------------------------------------------------


def test_ask_prints_the_answer_and_its_sources(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text('[{"question": "谁?", "answer_gist": "和顺街道"}, {"question": "何时?"}]', "utf-8")
    echo = Echo()
    filters = Filters(places=("和顺街道",), since="2024-01-01")
    assert ask_command.answer_one(lambda: echo, "多少?", history=history, filters=filters) == 0
    assert echo.filters == filters
    assert echo.asked == [("多少?", (Turn("谁?", "和顺街道"), Turn("何时?")))]
    assert capsys.readouterr().out == (
        "412个[1]。\n\n[1] 错时共享 · 云泽晨报 · 2024-05-06 · p.txt:3-12\n    412.\n"
    )


def test_ask_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask_command.answer_one(Echo, "多少?", as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["question"] == "多少?"
    assert printed["citations"][0]["quote"] == "412."


def test_batch(tmp_path: Path) -> None:
    turn = {"question": "谁?", "answer_gist": "和顺"}
    lines = [{"id": "a", "question": "一"}, {"id": 2, "question": "\ud800", "history": [turn], "type": "x"}]
    questions = tmp_path / "q.jsonl"
    questions.write_bytes(b"\xef\xbb\xbf" + "\r\n\n".join(json.dumps(line) for line in lines).encode())
    out = tmp_path / "answers.jsonl"
    out.write_text("old", "utf-8")
    echo, loads = Echo(), []
    assert ask_command.answer_batch(lambda: loads.append(1) or echo, questions, out) == 0
    assert loads == [1]
    assert echo.asked == [("一", ()), ("\ud800", (Turn("谁?", "和顺"),))]
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", 2]
    assert rows[1]["question"] == "\ud800"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "q.jsonl"]


def test_an_interrupted_batch_leaves_the_old_answers(tmp_path: Path) -> None:
    questions = write(tmp_path / "q.jsonl", {"id": 1, "question": "一"}, {"id": 2, "question": "二"})
    out = tmp_path / "answers.jsonl"
    out.write_text("old", "utf-8")
    with pytest.raises(KeyboardInterrupt):
        ask_command.answer_batch(lambda: Echo(fails_at=1), questions, out)
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "q.jsonl"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[1]", "must be an object"),
        ('{"question": "问"}', "field 'id': Field required"),
        ('{"id": true, "question": "问"}', "field 'id': Input should be a valid integer"),
        ('{"id": "", "question": "问"}', "field 'id'"),
        ('{"id": "a", "question": "问"}', "field 'id': repeats 'a'"),
        ('{"id": "b"}', "field 'question': Field required"),
        ('{"id": "b", "question": " "}', "field 'question': must be a text that is not empty"),
        ('{"id": "b", "question": "问", "history": {}}', "field 'history': Input should be a valid list"),
        ('{"id": "b", "question": "问", "history": [{}]}', "field 'history.0.question': Field required"),
        (
            '{"id": "b", "question": "问", "history": [{"question": "q", "answer_gist": 1}]}',
            "field 'history.0.answer_gist': Input should be a valid string",
        ),
    ],
    ids=range(12),
)
def test_a_bad_line_is_named_and_nothing_is_written(line: str, said: str, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(f'{{"id": "a", "question": "一"}}\n{line}\n', "utf-8")
    with pytest.raises(ReadError, match=f"q.jsonl', line 2(?::|,) ?{said}"):
        ask_command.answer_batch(no_assistant, questions, tmp_path / "answers.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["q.jsonl"]


def test_batch_files_that_cannot_be_used(tmp_path: Path) -> None:
    good = write(tmp_path / "q.jsonl", {"id": 1, "question": "一"})
    absent = tmp_path / "absent" / "a"
    for out, said in [(good, "the file of the questions"), (tmp_path, "no ordinary"), (absent, "No such")]:
        with pytest.raises(LinjianError, match=said):
            ask_command.answer_batch(no_assistant, good, out)
    (tmp_path / "gb").write_bytes('{"id": 1, "question": ""}\n{"id": 2, "question": "区"}'.encode("gb18030"))
    (tmp_path / "empty").write_bytes(b"\n")
    bad = {"gb": "line 2: is not UTF-8", "empty": "holds no question", "absent": "cannot be read"}
    for name, said in bad.items():
        with pytest.raises(ReadError, match=said):
            ask_command.answer_batch(no_assistant, tmp_path / name, tmp_path / "answers.jsonl")


def test_an_index_that_is_not_there_is_told_before_the_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(MissingIndex):
        index_commands.rebuild(context(tmp_path, no_assistant))
    assert index_actions.stored_files(tmp_path) == []
    assert not index_actions.is_published(tmp_path)
