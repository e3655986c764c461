"""Small articles, found passages and scored sentences, written by hand: what the steps of an answer are tested on."""

from collections.abc import Sequence

from assistant.answer.calibration import FITTED_RERANKED, Calibration
from assistant.evidence.features import Evidence, Features, Reading
from assistant.question.gazetteer import Gazetteer
from assistant.question.understand import Question, continued, understand
from assistant.weights.logistic import LogisticModel, feature_names
from index.search.glossary import Glossary
from index.text.normalize import matching_form
from index.types import Article, Passage, Retrieved, Sentence

TINGYU = ("东湖市", "南城区", "柳岸街道", "听雨社区")
LIUAN = TINGYU[:3]
HESHUN = ("东湖市", "北城区", "和顺社区")
SHIQIAO = ("东湖市", "云山县", "石桥镇")
PLACES = Gazetteer([TINGYU, LIUAN, HESHUN, SHIQIAO])
GLOSSARY = Glossary.load()
CUTS = Calibration.load().cuts
PLAN = Calibration.load(FITTED_RERANKED).reading
ONLY_READ = LogisticModel.of({"bias": 0.0, "logit": 4.0}, Features, Reading)
"""Nothing but what the reranker says of a sentence counts."""


def ask(text: str, context: str = "") -> Question:
    understood = understand(matching_form(text), GLOSSARY, PLACES)
    return (continued(understood, context, GLOSSARY, PLACES) if context else understood).weighed(rarity)


def rarity(term: str) -> float:
    """Every term is as rare as any other."""
    return 1.0


def found(*texts: str, file: str = "a.txt", title: str = "题", chain: Sequence[str] = (), at: int = 0, score: float = 0.5,
          dense: float = 0.88, cosines: Sequence[float] | None = None) -> Retrieved:
    """Return a found passage of `texts` as its sentences, laid out from the offset `at` of an article named by its file."""
    sentences, end = [], at
    for text in texts:
        sentences.append(Sentence(spans=((end, end + len(text)),), text=text, chain=tuple(chain)))
        end += len(text)
    article = Article(id=f"id-{file}", file=file, title=title, start=0, end=10_000, paragraphs=(), source="东湖晚报",
                      date="2024-06-18")
    passage = Passage(id=f"{file}/{at}", article_id=article.id, sentences=tuple(sentences), heading=title)
    return Retrieved(passage=passage, article=article, score=score, dense=dense, lexical=1.0,
                     sentence_dense=tuple(cosines or [0.88] * len(texts)))


def scored(hit: Retrieved, *scores: float, reading: Reading | None = None, **features: float) -> list[Evidence]:
    """Return the sentences of a found passage as evidence with these scores; features that are not given are 0."""
    row = Features(**dict.fromkeys(feature_names(Features), 0.0) | features)
    return [Evidence(sentence=s, passage=hit.passage, article=hit.article, score=score, features=row, reading=reading)
            for s, score in zip(hit.passage.sentences, scores, strict=True)]


def best_first(*groups: Sequence[Evidence]) -> list[Evidence]:
    return sorted((e for group in groups for e in group), key=lambda e: -e.score)
