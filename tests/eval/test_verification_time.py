"""The command that times the support check. Run: python -m pytest -q tests/eval/test_verification_time.py"""

import re
import shutil
from pathlib import Path

import pytest

import app
from eval.load_test import verification_time
from index.embedding.encoder import Encoder

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def loaded(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.embedding.encoder.load_encoder", lambda *args, **options: encoder)
    monkeypatch.setattr("assistant.evidence.reranker.open_reranker", lambda models: None)
    monkeypatch.setattr("assistant.verify.entailment.open_entailment", lambda models, name: None)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for name in ("01_yunze_morning_A06.txt", "06_dongzha_wechat.txt"):
        shutil.copy(EXAMPLES / "articles" / name, tmp_path)
    return tmp_path


def questions(folder: Path, asked: str) -> Path:
    lines = (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()
    chosen = [line for line in lines if asked in line]
    (folder / "questions.jsonl").write_text("\n".join(chosen[:6]), "utf-8")
    return folder / "questions.jsonl"


@pytest.mark.slow
def test_it_times_eight_sentences_eight_ways(
        pages: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verification_time, "LEAST", 2)  # two pages do not hold much
    assert app.main(["eval", "check-time", str(pages), str(questions(tmp_path_factory.mktemp("asked"), '"multi-community"')), "--threads", "1"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ") and "characters" in line]
    assert len(rows) == 8
    assert len({row.split("|")[1] for row in rows}) == 8
    times = [[int(cell) for cell in row.split("|")[2:5]] for row in rows]
    assert all(asked >= 1 and 0 <= middle <= most for asked, middle, most in times)


def test_questions_that_find_too_little_are_an_error(
        pages: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["eval", "check-time", str(pages), str(questions(tmp_path_factory.mktemp("asked"), "off-topic"))]) == 1
    assert re.search("4 sentences.*QUESTIONS", capsys.readouterr().err)
