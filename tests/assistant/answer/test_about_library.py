"""Questions about the articles themselves are answered from the catalog, and never out of an article."""

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.types import Ask
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from prompts.prompt_loader import phrases
from tests.fakes.hash_encoder import HashEncoder

PAGES = Path(__file__).parents[3] / "examples" / "articles"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    home = tmp_path_factory.mktemp("home")
    Corpus(home, HashEncoder()).add([PAGES])
    return Assistant(SearchIndex.open(home, HashEncoder()))


@pytest.mark.parametrize("question", ["收录了哪些报纸", "which newspapers do you hold"], ids=["zh", "en"])
def test_what_the_library_holds(assistant: Assistant, question: str) -> None:
    answer, facets = assistant.invoke(Ask(question, form="library")), assistant.index.facets
    assert (answer.refused, answer.citations, answer.claims, answer.retrieved, answer.form) == (False, (), (), (), "library")
    newest = max(article.date for article in assistant.index.articles())
    for told in (facets.articles, len(assistant.index.cases), facets.sources[0][0], facets.months[0][0], facets.months[-1][0], newest):
        assert str(told) in answer.text


def test_how_many_articles_speak_of_a_topic(assistant: Assistant) -> None:
    topic, = (match.topic for match in assistant.understand("关于停车的有几篇").topics)
    count = len({p.article_id for p in assistant.index.passages() if any(wording in p.text for wording in topic.zh)})
    answer = assistant.invoke(Ask("关于停车的有几篇", form="library"))
    assert count > 0
    assert phrases("zh").library["topic"].format(topic=topic.zh[0], count=count) in answer.text


def test_which_articles_speak_of_a_place(assistant: Assistant) -> None:
    place = "纺机家属院"
    titles = {assistant.index.article(p.article_id).title for p in assistant.index.passages()
              if any(place in s.place for s in p.sentences)}
    told = assistant.invoke(Ask(f"有没有关于{place}的报道，列一下", form="library")).text
    assert titles
    assert all(f"《{title}》" in told for title in titles)
    assert f"的有 {len(titles)} 篇" in told


@pytest.mark.parametrize(("question", "language"), [("谢谢", "zh"), ("thanks", "en")])
def test_a_greeting_is_answered_in_its_language(assistant: Assistant, question: str, language: str) -> None:
    answer = assistant.invoke(Ask(question, form="chat"))
    assert (answer.language, answer.refused, answer.citations) == (language, False, ())
    assert answer.text
