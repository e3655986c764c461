"""Questions to go on with are tried before they are offered. Run: python -m pytest -q
tests/assistant/answer/test_suggestions.py"""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer.suggestions import starters, suggestions
from assistant.types import Answer, Citation, Found
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from tests.fakes.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[3]
GLOSSARY = Glossary.load()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    home = tmp_path_factory.mktemp("suggest") / "home"
    Corpus(home, HashEncoder()).add([ROOT / "examples" / "articles"])
    return SearchIndex.open(home, HashEncoder())


class Asked:
    """Answers every question from one passage after the other, or refuses; remembers the questions."""

    def __init__(self, index: SearchIndex, *, refuses: bool = False) -> None:
        self.index, self.refuses, self.questions = index, refuses, []

    def __call__(self, question: str) -> Answer:
        self.questions.append(question)
        passages = [p for p in self.index.passages() if any(s.chain and s.chain[-1] in question for s in p.sentences)]
        cited = () if self.refuses else tuple(
            Citation(n, p.id, p.article_id, "", "", "", "", self.index.article(p.article_id).file, p.sentences[0].spans,
                     p.sentences[0].text) for n, p in enumerate(passages or self.index.passages()[len(self.questions):][:1], 1))
        return Answer(question, question, "zh", "答", (), cited, (), "extractive", "1", refused=self.refuses, form="cases")


@pytest.fixture
def answer(index: SearchIndex) -> Answer:
    placed = [p for p in index.passages() if p.sentences[0].chain]
    found = tuple(Found(p.id, p.article_id, "", "", "", p.start, p.end, 0.5) for p in placed[::5])
    question = "其他社区停车难怎么办？"
    return Answer(question, question, "zh", "答", (), (), found, "extractive", "1", form="cases")


def test_each_one_is_answered_and_says_something_new(index: SearchIndex, answer: Answer) -> None:
    asked = Asked(index)
    offered = suggestions(answer, index, GLOSSARY, asked, most=2, seconds=60, go_on=lambda: True)
    assert len(offered) == 2
    assert set(offered) <= set(asked.questions)
    assert all("停车" in question for question in offered)


@pytest.mark.parametrize("limits", [
    pytest.param({"seconds": -1.0, "go_on": lambda: True}, id="no time"),
    pytest.param({"seconds": 60.0, "go_on": lambda: False}, id="somebody waits"),
])
def test_nothing_is_tried_without_time(index: SearchIndex, answer: Answer, limits: dict) -> None:
    asked = Asked(index)
    assert suggestions(answer, index, GLOSSARY, asked, most=3, **limits) == []
    assert asked.questions == []


def test_what_is_refused_is_not_offered(index: SearchIndex, answer: Answer) -> None:
    asked = Asked(index, refuses=True)
    assert suggestions(answer, index, GLOSSARY, asked, most=3, seconds=60, go_on=lambda: True) == []
    assert asked.questions


def test_what_was_said_already_is_not_offered(index: SearchIndex, answer: Answer) -> None:
    every = tuple(Citation(n, p.id, p.article_id, "", "", "", "", index.article(p.article_id).file, s.spans, s.text)
                  for n, (p, s) in enumerate(((p, s) for p in index.passages() for s in p.sentences), 1))
    known = replace(answer, citations=every)
    assert suggestions(known, index, GLOSSARY, Asked(index), most=3, seconds=60, go_on=lambda: True) == []


def test_a_passage_that_was_removed_since_is_passed_over(index: SearchIndex, answer: Answer) -> None:
    gone = replace(answer.retrieved[0], passage_id="gone", article_id="gone")
    assert suggestions(replace(answer, retrieved=(gone,)), index, GLOSSARY, Asked(index), most=3, seconds=60, go_on=lambda: True) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_begins_with_what_the_articles_speak_of_most(index: SearchIndex, language: str) -> None:
    asked = Asked(index)
    offered = starters(index, GLOSSARY, asked, language, most=3, seconds=60, go_on=lambda: True)
    assert len(offered) == 3
    assert all(question.isascii() == (language == "en") for question in offered)
