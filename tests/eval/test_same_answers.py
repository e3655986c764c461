"""`linjian eval same`: two files of answers, compared to the character. Run: python -m pytest
tests/eval/test_same_answers.py"""

import json
from pathlib import Path

import pytest

import app

ANSWER = {
    "id": "q1", "question": "几个车位？", "text": "412个[1]。", "refused": False, "timings_ms": {"total": 3.5},
    "index_version": "000001", "citations": [{"number": 1, "passage_id": "a-1", "article_id": "a", "quote": "412个"}],
    "retrieved": [{"id": "a-1", "score": 0.5}], "sureness": 0.25,
}


def file_of(path: Path, *rows: object) -> str:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    return str(path)


def changed(**fields: object) -> dict[str, object]:
    return {**ANSWER, **fields}


def compared(tmp_path: Path, after: dict[str, object], *options: str) -> int:
    paths = file_of(tmp_path / "before.jsonl", ANSWER), file_of(tmp_path / "after.jsonl", after)
    return app.main(["eval", "same", *paths, *options])


@pytest.mark.parametrize(
    ("after", "options"),
    [
        (ANSWER, []),
        (dict(reversed(ANSWER.items())), []),
        (changed(timings_ms={}, index_version="000002"), []),
        (changed(citations=[{"number": 1, "passage_id": "b-7", "article_id": "b", "quote": "412个"}]), []),
        (changed(retrieved=[{"id": "b-7", "score": 0.5}]), []),
        ({("confidence" if key == "sureness" else key): value for key, value in ANSWER.items()}, ["--rename", "sureness=confidence"]),
        (changed(sureness=0.5), ["--ignore", "sureness"]),
        (changed(text="413个[1]。"), ["--except", "q1"]),
    ],
    ids=["equal", "order of fields", "times and versions", "ids", "nested id", "renamed", "ignored", "expected"],
)
def test_answers_that_count_as_the_same(
    after: dict[str, object], options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(tmp_path, after, *options) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 answer, ")


@pytest.mark.parametrize(
    ("after", "options", "shown"),
    [
        (changed(text="413个[1]。"), [], 'text: "412个[1]。" → "413个[1]。"'),
        (changed(text="412个[1]。 "), [], "text: "),
        (changed(refused=0), [], "refused: false → 0"),
        (changed(retrieved=[{"id": "a-1", "score": 0.51}]), [], "retrieved[0].score: 0.5 → 0.51"),
        (changed(retrieved=[]), [], "retrieved: "),
        (changed(notice="late"), [], 'notice: is new ("late")'),
        ({key: value for key, value in ANSWER.items() if key != "sureness"}, [], "sureness: is gone (was 0.25)"),
        (changed(id="q2"), [], "is not in "),
        (changed(id="q2"), ["--except", "q1"], "is not in "),
        (ANSWER, ["--except", "q1"], "was expected to differ and does not"),
        (ANSWER, ["--rename", "sureness=confidence"], "confidence: is gone"),
    ],
    ids=["a character", "a space", "another type", "a score", "a shorter list", "a new field", "a lost field",
         "another question", "an expected question that is missing", "an exception too many", "renamed in one only"],
)
def test_answers_that_differ(
    after: dict[str, object], options: list[str], shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(tmp_path, after, *options) == 1
    printed = capsys.readouterr().out
    assert "q1" in printed
    assert shown in printed


def test_only_what_surrounds_the_first_difference_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "甲" * 500
    paths = [file_of(tmp_path / f"{c}.jsonl", changed(text=long + c + long)) for c in "乙丙"]
    assert app.main(["eval", "same", *paths]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "text: " in line)
    assert "甲乙甲" in line
    assert "甲丙甲" in line
    assert len(line) < 200


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [(["{"], "line 1: is no JSON"), (['{"text": ""}'], "field 'id'"), (['{"id": 1}', '{"id": "1"}'], "line 2, field 'id': repeats"),
     (["[]"], "line 1: must be an object")],
    ids=["no JSON", "no id", "an id twice", "no object"],
)
def test_a_file_that_holds_no_answers_ends_with_status_2(
    rows: list[str], wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join(rows), "utf-8")
    assert app.main(["eval", "same", file_of(tmp_path / "good.jsonl", ANSWER), str(bad)]) == 2
    assert wrong in capsys.readouterr().err


@pytest.mark.parametrize("pair", ["sureness", "=sureness", "sureness="])
def test_a_renaming_needs_two_names(pair: str, tmp_path: Path) -> None:
    assert compared(tmp_path, ANSWER, "--rename", pair) == 2
