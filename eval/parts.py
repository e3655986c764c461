"""Which part does the work: each search signal alone, each signal of the gate alone, the reader off and on.

    python -m eval.parts ask SUITE --work DIR --out PARTS.json [--pages DIR] [--limit N] [--documents N]
                         [--off-topic QUESTIONS] [--among CORPUS --among-documents N] [--reader FILE | --no-reader]
                         [--half 0|1]
    python -m eval.parts report PARTS.json ... [--table retrieval|reading|refusal|signals|refit] [--into FILE#NAME]

`ask` indexes the suite as `linjian eval run` does and asks every question without and with the reader. It stores, a
row for each question: how each part ranks what is relevant, what the gate says, and whether the first citation answers.
`--off-topic` adds questions that nothing answers, `--among` documents of another corpus that nothing asks about. `report`
makes tables of it, all suites with the one setting they were asked under (eval/parts_report.py).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.assistant import Assistant
from assistant.calibration import Calibration
from assistant.evidence import Evidence
from assistant.gate import answerability_features
from assistant.reader import BUNDLED as BUNDLED_READER
from assistant.reader import NetworkReader, Reader
from assistant.types import Answer, Ask, Found
from assistant.weights import named_features
from eval.bench import home_of
from eval.corpora import index_suite, texts_of
from eval.metrics import ranking
from eval.metrics.citations import first_citation
from eval.parts_report import TABLES
from eval.rankings import matched_words, rankings
from eval.reader.data import half_of
from eval.report import put_into
from eval.run import environment
from eval.suites import Case, Options, Suite, open_suite, read_cases, shorten
from eval.suites.own import read_documents
from index.e5 import restore_e5
from index.encoder import BUNDLED as E5
from index.encoder import Encoder, load_encoder
from index.errors import LinjianError
from index.progress import Bar, pace
from index.search import SearchIndex, bundled_weights
from index.types import Passage
from index.versions import current, manifest_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: how well each part ranks (`ranked`: part -> measure -> value; {} where nothing is relevant), and for the
    whole "without" and "with" the reader the gate's `signals`, the probability that it is answered (`sure`), whether it was
    `refused`, and whether the first citation holds a gold answer (`first`, where there is one). `matched` is the best BM25
    score as a share of what a passage with all the question's terms could reach."""

    id: str
    type: str
    answerable: bool
    ranked: Mapping[str, Mapping[str, float]]
    signals: Mapping[str, Mapping[str, float]]
    sure: Mapping[str, float]
    refused: Mapping[str, bool]
    first: Mapping[str, float]
    matched: float = 0.0
    ms: Mapping[str, float] = field(default_factory=dict)


def ask(case: Case, assistants: Mapping[str, Assistant], texts: Mapping[str, str]) -> Asked:
    """Ask one question of every assistant and measure the parts."""
    ranked, signals, sure, refused, first, ms = {}, {}, {}, {}, {}, {}
    scale = Calibration.load().cosines
    for name, assistant in assistants.items():
        state = assistant.find(Ask(case.question, case.history))
        question, evidence = state.question, state.evidence
        answer = replace(state.answer, timings_ms=dict(state.timings_ms))
        if not ranked:
            matched = matched_words(assistant.index, question)
            ranked = {part: _measured(case, answer, passages, texts)
                      for part, passages in rankings(assistant.index, question).items()}
        ranked[f"evidence, {name} reader"] = _measured(case, answer, _by_evidence(evidence), texts)
        found = answerability_features(question, evidence, state.ranked, scale)
        signals[name] = named_features(found, found and found.reading)
        sure[name], refused[name] = answer.answerable, answer.refused
        if case.answerable and case.groups:
            first[name] = first_citation(case, answer)
        ms[name] = sum(answer.timings_ms.values())
    relevant = case.answerable and (case.relevant or case.evidence)
    return Asked(case.id, case.type, case.answerable, ranked if relevant else {}, signals, sure, refused, first, matched, ms)


def _by_evidence(evidence: Sequence[Evidence]) -> list[tuple[str, Passage]]:
    return list({e.passage.id: (e.article.file, e.passage) for e in evidence}.values())


def _measured(
    case: Case, answer: Answer, passages: Sequence[tuple[str, Passage]], texts: Mapping[str, str]
) -> dict[str, float]:
    found = tuple(Found(p.id, p.article_id, "", "", file, p.start, p.end, 0.0) for file, p in passages)
    ranked = replace(answer, retrieved=found)
    measures: dict[str, Callable[[], float | None]] = {
        "recall@5": lambda: ranking.recall(case, ranked, texts, 5),
        "recall@10": lambda: ranking.recall(case, ranked, texts, 10),
        "hit@1": lambda: ranking.reciprocal_rank(case, ranked, texts, 1),
        "hit@5": lambda: float(bool(ranking.reciprocal_rank(case, ranked, texts, 5))),
        "mrr@10": lambda: ranking.reciprocal_rank(case, ranked, texts, 10),
    }
    return {name: value for name, of in measures.items() if (value := of()) is not None}


def suite_of(args: argparse.Namespace) -> Suite:
    """Return the suite that the arguments name, shortened, with what they add to it."""
    suite = open_suite(args.suite, Options(pages=args.pages, seed=args.seed))
    suite = shorten(suite, limit=args.limit, documents=args.documents, hard=args.hard, seed=args.seed)
    for path in args.off_topic:
        foreign = read_cases(path, all_off_topic=True)
        suite = replace(suite, name=f"{suite.name}+{path.parent.name}", cases=(*suite.cases, *foreign))
    if args.half is not None:
        suite = replace(suite, name=f"{suite.name} half {args.half}",
                        cases=tuple(case for case in suite.cases if half_of(case.question) == args.half))
    if args.among:
        known = {document.id for document in suite.documents}
        others = read_documents(args.among)
        drawn = random.Random(args.seed).sample(others, min(args.among_documents, len(others)))
        suite = replace(suite, name=f"{suite.name}+{args.among.parent.name}",
                        documents=(*suite.documents, *(d for d in drawn if d.id not in known)))
    return suite


def _reader_of(args: argparse.Namespace) -> Reader | None:
    return None if args.no_reader else NetworkReader(restore_e5(args.models / E5), args.reader)


def ask_all(suite: Suite, home: Path, encoder: Encoder, reader: Reader | None, seed: int) -> dict[str, Any]:
    """Index a suite in `home`, ask all its questions, and return what is stored: how it was made, and a row a question."""
    texts, made_by = texts_of(suite), environment(Path(__file__).resolve().parents[1])
    with Bar() as bar:
        index_suite(suite, home, encoder, bar)
    index = SearchIndex.open(home, encoder)
    assistants = {"without": Assistant(index)} | ({"with": Assistant(index, reader=reader)} if reader else {})
    rows = [ask(case, assistants, texts) for case in tqdm(suite.cases, desc="asking", unit="question", mininterval=pace())]
    return {
        "suite": suite.name, "corpus": suite.corpus_fingerprint, "questions": suite.questions_fingerprint, "seed": seed,
        "date": datetime.now(UTC).date().isoformat(), **made_by,
        "reader": reader.name if reader else None, "documents": len(suite.documents),
        "passages": manifest_of(current(home)).passages, "weights": asdict(bundled_weights()),
        "rows": [asdict(row) for row in rows],
    }


def _ask(args: argparse.Namespace) -> int:
    suite = suite_of(args)
    encoder = load_encoder(args.encoder, cache=args.models, threads=1)
    made = ask_all(suite, home_of(args.work, suite), encoder, _reader_of(args), args.seed)
    args.out.write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")
    print(f"{suite.name}: {len(made['rows'])} questions over {made['passages']} passages; written: {args.out}")
    return 0


def _report(args: argparse.Namespace) -> int:
    files = [json.loads(path.read_text("utf-8")) for path in args.parts]
    table = "\n".join(TABLES[name](files) for name in args.table)
    if args.into:
        file, _, name = args.into.partition("#")
        put_into(Path(file), name, table)
        print(f"written: {file}")
    else:
        print(table, end="")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.parts", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    asking = commands.add_parser("ask", help="ask every question of a suite, part by part")
    asking.add_argument("suite", type=Path, metavar="SUITE")
    asking.add_argument("--work", type=Path, required=True, metavar="DIR", help="keeps index and vectors")
    asking.add_argument("--out", type=Path, required=True, metavar="PARTS.json")
    asking.add_argument("--pages", type=Path, metavar="DIR")
    asking.add_argument("--limit", type=int, metavar="N", help="only N questions, drawn by --seed")
    asking.add_argument("--documents", type=int, metavar="N", help="only N documents, the relevant and judged ones first")
    asking.add_argument("--hard", type=int, default=0, metavar="N", help="of those, the N nearest to each question by BM25")
    asking.add_argument("--half", type=int, choices=(0, 1),
                        help="only the half of the questions that the reader was not trained on")
    asking.add_argument("--off-topic", type=Path, action="append", default=[], metavar="QUESTIONS")
    asking.add_argument("--among", type=Path, metavar="CORPUS.jsonl", help="a corpus to draw further documents from")
    asking.add_argument("--among-documents", type=int, default=500, metavar="N")
    asking.add_argument("--models", type=Path, default=Path.home() / ".cache" / "linjian", metavar="DIR")
    asking.add_argument("--encoder", default=E5)
    asking.add_argument("--reader", type=Path, default=BUNDLED_READER, metavar="FILE", help="weights")
    asking.add_argument("--no-reader", action="store_true")
    asking.add_argument("--seed", type=int, default=0, metavar="N")
    asking.set_defaults(run=_ask)
    reporting = commands.add_parser("report", help="make tables")
    reporting.add_argument("parts", nargs="+", type=Path, metavar="PARTS.json")
    reporting.add_argument("--table", nargs="+", choices=TABLES, default=list(TABLES))
    reporting.add_argument("--into", metavar="FILE#NAME", help="put them between <!-- NAME --> and <!-- /NAME -->")
    reporting.set_defaults(run=_report)
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except LinjianError as error:
        print(f"parts: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
