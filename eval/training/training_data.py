"""Training data of the reranker: questions about documents of sentences.

Three layouts are read: a folder with `corpus.jsonl` and `questions.jsonl` (this repo's; with `judged_pool` where people said
of ten documents a question which one answers it, as in NoMIRACL), SQuAD JSON (CMRC 2018, DRCD), and our own articles as JSON
lines `{"heading", "place", "sentences", "questions": [{"q", "evidence", "answer"}]}`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from index.errors import ReadError
from index.text.sentences import sentence_bounds


@dataclass(frozen=True, slots=True)
class TrainingDocument:
    """Sentences under a heading; `place` is what the article is about ("" if unknown); `ours` marks our own domain."""

    heading: str
    sentences: tuple[str, ...]
    place: str = ""
    ours: bool = False

    def places_of(self, answer: str) -> list[tuple[int, ...]]:
        """Return for each place where `answer` stands the indexes of the sentences that it touches."""
        text, ends, total = "".join(self.sentences), [], 0
        for sentence in self.sentences:
            total += len(sentence)
            ends.append(total)
        return [tuple(range(bisect_right(ends, m.start()), bisect_right(ends, m.end() - 1) + 1))
                for m in re.finditer(re.escape(answer), text)] if answer else []


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question about a document: which sentences answer it (none: it is a near-miss), and the short answers.

    `judged`: people judged the document as a whole, so any of the `evidence` may be what answers; `against` are the other
    documents that they judged not to.
    """

    question: str
    document: TrainingDocument
    evidence: frozenset[int]
    answers: tuple[str, ...] = ()
    judged: bool = False
    against: tuple[TrainingDocument, ...] = ()


def read_problems(path: Path) -> list[TrainingQuestion]:
    """Read a folder or file in one of the three layouts; ReadError names the file and line."""
    if (path / "questions.jsonl").is_file():
        return list(_own_layout(path))
    if path.is_dir():
        files = sorted([*path.glob("*.jsonl"), *path.glob("*.json")])
        return [problem for file in files for problem in read_problems(file)]
    if path.suffix == ".json":
        return list(_squad(path))
    if path.suffix == ".jsonl":
        return list(_articles(path))
    raise ReadError(f"{str(path)!r} is no training data: give a folder with corpus.jsonl and questions.jsonl, SQuAD JSON "
                    "(.json), or our articles (.jsonl)")


def hold_out(problems: Sequence[TrainingQuestion], every: int = 20) -> tuple[list[TrainingQuestion], list[TrainingQuestion]]:
    """Return the problems to train on, and those about every twentieth document, to validate on."""
    kept = set(list(dict.fromkeys(p.document for p in problems))[::every])
    return [p for p in problems if p.document not in kept], [p for p in problems if p.document in kept]


def half_of(question: str) -> int:
    """Return which half of a judged set a question belongs to, 0 or 1: one to train on, the other to test with."""
    return crc32(question.encode("utf-8")) % 2


def judged_half(problems: Sequence[TrainingQuestion], half: int) -> list[TrainingQuestion]:
    """Return `problems` with one half of the judged questions alone."""
    return [p for p in problems if not p.judged or half_of(p.question) == half]


def _own_layout(folder: Path) -> Iterator[TrainingQuestion]:
    documents = {row["id"]: _document(row.get("title", ""), row["text"]) for row in _lines(folder / "corpus.jsonl")}
    for row in _lines(folder / "questions.jsonl"):
        if "judged_pool" in row:
            yield from _judged(row["question"], {i: documents[i] for i in row["judged_pool"]}, row["relevant"])
        elif row["answers"]:
            yield from _located(row["question"], documents[row["relevant"][0]], row["answers"], row.get("evidence", []))


def _judged(question: str, pool: Mapping[str, TrainingDocument], relevant: Container[str]) -> Iterator[TrainingQuestion]:
    """Yield a problem for each document that answers, against the others; where none does, each is a near-miss."""
    against = tuple(document for i, document in pool.items() if i not in relevant)
    answering = [document for i, document in pool.items() if i in relevant]
    for document in answering:
        yield TrainingQuestion(question, document, frozenset(range(len(document.sentences))), judged=True, against=against)
    if not answering:
        yield from (TrainingQuestion(question, document, frozenset(), judged=True) for document in against)


def _squad(path: Path) -> Iterator[TrainingQuestion]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))["data"]
        for entry in data:
            for paragraph in entry["paragraphs"]:
                document = _document(entry.get("title", ""), paragraph["context"])
                for qa in paragraph["qas"]:
                    yield from _located(qa["question"], document, [a["text"] for a in qa["answers"]], [])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{str(path)!r} is no SQuAD file: {error!r}") from error


def _articles(path: Path) -> Iterator[TrainingQuestion]:
    for row in _lines(path):
        document = TrainingDocument(row["heading"], tuple(row["sentences"]), row.get("place", ""), ours=True)
        for asked in row["questions"]:
            answers = (asked["answer"],) if asked.get("answer") else ()
            yield TrainingQuestion(asked["q"], document, frozenset(asked["evidence"]), answers)


def _document(title: str, text: str) -> TrainingDocument:
    return TrainingDocument(title, tuple(text[a:b] for a, b in sentence_bounds(text)))


def _located(question: str, document: TrainingDocument, answers: Sequence[str], evidence: Sequence[str]) -> Iterator[TrainingQuestion]:
    """Yield the problem if an answer stands in the document: in an evidence sentence if given, else where first found."""
    found = [touched for answer in answers for touched in document.places_of(answer)]
    told = [touched for touched in found
            if any(document.sentences[i] in e or e in document.sentences[i] for e in evidence for i in touched)]
    if found:
        fullest = sorted(dict.fromkeys(answers), key=len, reverse=True)  # the first is learnt
        yield TrainingQuestion(question, document, frozenset((told or found)[0]), tuple(fullest))


def _lines(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ReadError(f"{str(path)!r}, line {number}: no JSON ({error})") from error
