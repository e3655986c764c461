"""The invented articles about cases have the form that their README states. Run: python -m pytest -q tests/eval/test_case_texts.py"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "eval" / "training" / "cases"
SETS = sorted(path.name.removesuffix("-articles.jsonl") for path in FOLDER.glob("*-articles.jsonl"))
ROLES = {"problem", "measure", "result", "plan", "voice", "praise", "background", "headline"}
each_set = pytest.mark.parametrize("name", SETS)


def rows(name: str, what: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}-{what}.jsonl").read_text("utf-8").splitlines()]


def sentences(article: dict[str, Any]) -> list[list[Any]]:
    return [sentence for paragraph in article["paragraphs"] for sentence in paragraph]


def test_there_are_sets() -> None:
    assert len(SETS) > 20


@each_set
def test_every_case_has_a_measure_and_every_sentence_a_role(name: str) -> None:
    for article in rows(name, "articles"):
        numbers = {case["n"] for case in article["cases"]}
        assert {role for _, role, _ in sentences(article)} <= ROLES, article["id"]
        assert {case for _, _, case in sentences(article)} <= numbers | {0}, article["id"]
        assert {case for _, role, case in sentences(article) if role == "measure"} >= numbers, article["id"]


@each_set
def test_gold_points_at_what_is_there(name: str) -> None:
    articles = {article["id"]: article for article in rows(name, "articles")}
    for question in rows(name, "questions"):
        for case, grade in question.get("gold", ()):
            article, _, number = case.partition("#")
            assert int(number) in {c["n"] for c in articles[article]["cases"]}, question["id"]
            assert grade in (1, 2), question["id"]
        assert bool(question.get("gold")) is (question["form"] == "cases"), question["id"]
        if question["form"] in ("fact", "how"):
            said = [sentences(articles[question["article"]])[n][0] for n in question["sentences"]]
            assert question["form"] == "how" or any(question["answer"] in text for text in said), question["id"]


def test_nothing_is_said_twice() -> None:
    said = Counter(text for name in SETS for article in rows(name, "articles") for text, _, _ in sentences(article))
    assert not [text for text, times in said.items() if times > 1]
    ids = Counter(row["id"] for name in SETS for what in ("articles", "questions") for row in rows(name, what))
    assert not [one for one, times in ids.items() if times > 1]
