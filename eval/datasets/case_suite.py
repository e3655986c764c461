"""A suite of cases: articles, what people say their cases are, and questions "how did others …" with graded cases.

A folder holds `articles/*.txt`, `cases.jsonl` (`id`, `article`, `problem`, `measures`, `results`: word for word) and
`multi.jsonl` (`id`, `question`, `gold`: `[{"case", "grade"}]`). Further questions lie in files of lines `{"id", "wordings",
"cases", "borderline"}`, several wordings of one question, or `{"id", "question"}`; without cases nothing answers them. A
suite of pages has such questions too: those whose evidence lies with several communities.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets.own import read_pages
from eval.datasets.types import SuiteError
from index.files.discover import find_files
from index.types import Span

PARTS = ("problem", "measures", "results")
ANSWERS, BORDERLINE = 2, 1
"""Grades of a case for a question."""
ENOUGH = 10
"""Characters that have to be shared, or all of what is shorter."""


@dataclass(frozen=True, slots=True)
class GoldCase:
    """A case as people see it: where its problem, measures and results stand in its file."""

    id: str
    file: str
    spans: Mapping[str, tuple[Span, ...]]

    def parts_touched(self, file: str, spans: Sequence[Span]) -> frozenset[str]:
        """Return which of its parts a piece of text shares enough with."""
        if file.rpartition("/")[2] != self.file:
            return frozenset()
        return frozenset(part for part, places in self.spans.items() if any(
            min(b, d) - max(a, c) >= min(ENOUGH, d - c) for a, b in spans for c, d in places))


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A question in one wording; `topic` names what all its wordings ask; `grades` of cases, none where nothing answers."""

    id: str
    topic: str
    text: str
    grades: Mapping[str, int]

    @property
    def best(self) -> frozenset[str]:
        return frozenset(case for case, grade in self.grades.items() if grade == ANSWERS)


@dataclass(frozen=True, slots=True)
class CaseSuite:
    """The cases by id, and the questions about them."""

    cases: Mapping[str, GoldCase]
    questions: tuple[CaseQuestion, ...]


def read_case_suite(folder: Path, more: Sequence[Path] = ()) -> CaseSuite:
    """Read a folder, and further files of questions about its articles; SuiteError names what is malformed."""
    try:
        texts = {path.name: path.read_text(encoding="utf-8") for path in (folder / "articles").glob("*.txt")}
        cases = {row["id"]: _case(row, texts) for row in _rows(folder / "cases.jsonl")}
        asked = [CaseQuestion(row["id"], row["id"], row["question"], {g["case"]: g["grade"] for g in row["gold"]})
                 for row in _rows(folder / "multi.jsonl")]
        for path in more:
            for row in _rows(path):
                grades = dict.fromkeys(row.get("borderline", ()), BORDERLINE) | dict.fromkeys(row.get("cases", ()), ANSWERS)
                asked += [CaseQuestion(f"{row['id']}.{n}", row["id"], wording, grades)
                          for n, wording in enumerate(row.get("wordings") or [row["question"]], start=1)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"{str(folder)!r} is no suite of cases: {error!r}. It needs articles/, cases.jsonl and multi.jsonl"
                         ) from error
    return CaseSuite(cases, tuple(asked))


def read_page_cases(questions: Path, pages: Path) -> CaseSuite:
    """Read the questions about pages that several communities answer; what is evidence there counts as a measure."""
    texts = {page.file: page.read().text for page in find_files(pages)}
    cases: dict[str, GoldCase] = {}
    asked = []
    for one in read_pages(questions.stem, questions, pages).cases:
        quotes: dict[tuple[str, str], list[str]] = defaultdict(list)
        for gold in one.evidence:
            quotes[gold.file, gold.community].append(gold.quote)
        if one.history or len({community for _, community in quotes}) < 2:
            continue
        grades = {}
        for (file, community), told in quotes.items():
            spans = tuple(m.span() for quote in told for m in re.finditer(re.escape(quote), texts[file]))
            parts = {"problem": (), "measures": spans, "results": ()}
            case = GoldCase(f"{one.id} {community}", file.rpartition("/")[2], parts)
            cases[case.id], grades[case.id] = case, ANSWERS
        asked.append(CaseQuestion(one.id, one.id, one.question, grades))
    return CaseSuite(cases, tuple(asked))


def _case(row: Mapping, texts: Mapping[str, str]) -> GoldCase:
    file = f"{row['article']}.txt"
    return GoldCase(row["id"], file, {part: tuple(
        m.span() for quote in row[part] for m in re.finditer(re.escape(quote), texts[file])) for part in PARTS})


def _rows(path: Path) -> Iterator[dict]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
