"""What the documents say is so: commands run, settings and targets exist, links lead somewhere.

Run: python -m pytest tests/test_docs.py
"""

import gc
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import app
from assistant.commands.serve_command import QUESTIONS
from assistant.settings import PREFIX, Settings
from assistant.types import Answer, Citation, Claim, Found
from index.embedding.encoder import Encoder

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def commands(document: Path) -> list[list[str]]:
    """Return the words of each command in the console blocks of a document."""
    text = document.read_text("utf-8")
    return [shlex.split(line) for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


@pytest.fixture
def prepared(
    examples_home: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[str]], int]:
    """A folder as a reader of the documents has it: the samples indexed, pages, questions and a history of their own.

    Returns what runs a command there. The model is loaded already; loading it for each command would take minutes.
    """
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    home = shutil.copytree(examples_home, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("LINJIAN_HOME", str(home))
    monkeypatch.setattr(app, "_load_encoder", lambda settings: encoder)
    here = tmp_path / "here"
    shutil.copytree(ROOT / "examples" / "articles", here / "examples" / "articles")
    shutil.copy(ROOT / "examples" / "questions.jsonl", here / "examples")
    (here / "work" / "examples").mkdir(parents=True)
    shutil.copy(home / "embeddings.sqlite", here / "work" / "examples")  # what `eval run --work work` would compute again
    shutil.copy(ROOT / "examples" / "truth.json", here / "examples")
    (here / "报纸").mkdir()
    (here / "报纸" / "甲报_A01.txt").write_text("共享车棚建好了\n甲社区在院里建了车棚，能停40辆电动车。\n", "utf-8")
    questions = [{"id": n, "question": q, "history": []} for n, q in enumerate(QUESTIONS["zh"])]
    (here / "questions.jsonl").write_text("".join(f"{json.dumps(q)}\n" for q in questions), "utf-8")
    turn = {"question": "印染厂宿舍的物业是什么时候撤走的？", "answer_gist": "去年年底"}
    (here / "history.json").write_text(json.dumps([turn]), "utf-8")
    monkeypatch.chdir(here)
    return app.main


def test_commands_run(prepared: Callable[[list[str]], int]) -> None:
    """Each that a document names, in the order of the documents; one that several name runs once."""
    for command, *arguments in dict.fromkeys(tuple(command) for document in DOCUMENTS for command in commands(document)):
        match command:
            case "linjian" if arguments[0] == "serve" or arguments[:2] in (["index", "watch"], ["eval", "calibrate"]):
                assert app.main([*arguments, "--help"]) == 0, arguments  # they take long; tests of their own run them
            case "linjian":
                gc.collect()  # the command before, had it been a process, would hold no index any more
                assert prepared(arguments) == 0, arguments
            case "make":
                assert set(arguments) <= targets(), arguments
            case _:
                pytest.fail(f"no test knows how to check {command!r}")


def test_there_are_commands_to_check() -> None:
    assert sum(len(commands(document)) for document in DOCUMENTS) > 15


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@each_document
def test_named_targets_options_and_settings_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets()
    variables = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known = {*variables, "LINJIAN_CONFIG", "LINJIAN_TEST_CACHE", "LINJIAN_TEST_BUNDLE"}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+\b", text)) <= known


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    linked = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    heads = {re.sub(r"[^\w -]", "", head).strip().replace(" ", "-").lower() for head in HEAD.findall(text)}
    for link in linked:
        if link.startswith("#"):
            assert link[1:].lower() in heads, link
        elif "://" not in link:
            assert (document.parent / link).is_file(), link


def test_the_table_of_settings_is_complete() -> None:
    table = (ROOT / "docs" / "settings.md").read_text("utf-8").partition("<!-- settings -->")[2]
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| .*[\u4e00-\u9fff].* \| ([^|]+) \|$", table, re.MULTILINE)
    defaults = {name: str(field.default) for name, field in Settings.model_fields.items()}
    assert {name: default for name, default, _ in rows} == defaults | {"home": "~/.local/share/linjian"}
    assert [(name, allowed) for name, _, allowed in rows] == list(Settings.allowed().items())


@pytest.mark.parametrize(("document", "said"), [("operate.md", "a host name or a port of its own"), ("operate.zh.md", "自己的主机名或端口")])
def test_whoever_sets_up_a_proxy_is_told_that_no_path_will_do(document: str, said: str) -> None:
    text = (ROOT / "docs" / document).read_text("utf-8")
    assert said in text
    assert "`location /linjian/`" in text


@pytest.mark.parametrize("document", ["answer.md", "answer.zh.md"])
def test_every_field_of_an_answer_is_explained(document: str) -> None:
    text = (ROOT / "docs" / document).read_text("utf-8")
    text = re.sub("^(## .+?)：", r"\1\n", text, flags=re.MULTILINE)  # in a Chinese head a translation stands behind the name
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    citation = {*Citation.__dataclass_fields__, "start", "end"}
    shapes = {
        "Answer": set(Answer.__dataclass_fields__), "Claim": set(Claim.__dataclass_fields__),
        "Citation": citation, "Retrieved passage": set(Found.__dataclass_fields__),
    }
    for section, fields in shapes.items():
        first = re.findall(r"^\| (`[^|]+) \|", sections[section], re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", " ".join(first))) == fields, section
