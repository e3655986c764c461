"""Run the rivals over a suite and write a result for each, to be reported and compared like any other. See __init__."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.types import Answer, Citation, Claim, Found
from eval.answers import Said
from eval.bench import home_of
from eval.corpora import passages_in, texts_of
from eval.metrics.citations import TermJudge
from eval.result import write_result
from eval.run import environment, run_suite
from eval.suites import Case, Options, open_suite, shorten
from index.errors import LinjianError
from index.inputs import passage_input
from index.types import Passage

NAMES = ("langchain", "llamaindex", "haystack", "txtai")
K, SAID = 10, 4
"""Passages retrieved, and those given as the answer."""


OFFLINE = (
    "HF_HUB_OFFLINE=1",
    "TRANSFORMERS_OFFLINE=1",
    "HAYSTACK_TELEMETRY_ENABLED=False",
    "LANGSMITH_TRACING=false",
    "TOKENIZERS_PARALLELISM=false",
)


class Ranked:
    """An answerer that says the first passages of a ranking made elsewhere."""

    def __init__(self, name: str, passages: Mapping[str, tuple[str, Passage]], out: Mapping[str, Any]) -> None:
        self.name, self.settings = name, {"retrieved": K, "said": SAID, "versions": out["versions"]}
        self._passages, self._out = passages, out

    def answer(self, case: Case) -> Said:
        ranking = [self._passages[name] for name in self._out["rankings"][case.id]]
        found = tuple(
            Found(p.id, p.article_id, "", "", file, p.start, p.end, 1 / rank)
            for rank, (file, p) in enumerate(ranking, start=1)
        )
        citations = tuple(
            Citation(
                number=n,
                passage_id=p.id,
                article_id=p.article_id,
                title="",
                source="",
                date="",
                place="",
                file=file,
                spans=tuple(span for sentence in p.sentences for span in sentence.spans),
                quote=p.text,
            )
            for n, (file, p) in enumerate(ranking[:SAID], start=1)
        )
        text = "\n\n".join(f"{c.quote}[{c.number}]" for c in citations)
        answer = Answer(
            question=case.question,
            standalone_question=case.question,
            language=case.lang or "zh",
            text=text,
            claims=tuple(Claim(c.quote, (c.number,), 1.0, True) for c in citations),
            citations=citations,
            retrieved=found,
            model=self.name,
            index_version="",
            timings_ms=self._out["ms"][case.id],
        )
        return Said(answer, None)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.rivals", description=__doc__)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="as given to linjian eval run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--model", type=Path, required=True, help="the embedding model's folder (home/models/e5-small)")
    parser.add_argument(
        "--python", action="append", default=[], metavar="NAME=PYTHON", help="whose Python has the framework"
    )
    parser.add_argument("--names", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--hard", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    pythons = dict(pair.split("=", 1) for pair in args.python)
    try:
        suite = open_suite(args.suite, Options(pages=args.pages, seed=args.seed))
        suite = shorten(suite, limit=args.limit, documents=args.documents, hard=args.hard, seed=args.seed)
        texts = texts_of(suite)
        home = home_of(args.work, suite)
        passages = {passage.id: (file, passage) for file, passage in passages_in(home)}
        if {file for file, _ in passages.values()} - texts.keys():
            raise LinjianError(
                f"{str(home)!r} holds another corpus. First: linjian eval run with the same options and --work"
            )
        args.out.mkdir(parents=True, exist_ok=True)
        task = args.out / "task.json"
        task.write_text(
            json.dumps(
                {
                    "model": str(args.model.resolve()),
                    "k": K,
                    "threads": args.threads,
                    "passages": [[name, passage_input(passage)] for name, (_, passage) in passages.items()],
                    "questions": [[case.id, case.question] for case in suite.cases],
                },
                ensure_ascii=False,
            ),
            "utf-8",
        )
        for name in args.names:
            out = _worked(name, pythons.get(name, sys.executable), task, args.threads)
            made_with = {
                **environment(Path(__file__).resolve().parents[2]),
                "index": {"passages": len(passages)},
                "options": {"limit": args.limit, "documents": args.documents, "hard": args.hard},
            }
            made_with["versions"] = out["versions"]
            noted = {"date": datetime.now(UTC).date().isoformat()}
            noted |= {name: out[name] for name in ("index_seconds", "index_cpu_seconds")}
            report = run_suite(
                suite,
                Ranked(name, passages, out),
                texts,
                TermJudge(),
                seed=args.seed,
                made_with=made_with,
                noted=noted,
                journal=args.out / f"{name}.journal",
            )
            write_result(replace(report, memory_mb=out["memory_mb"]), args.out / f"{name}.result.json")
            print(f"{name}: indexed {len(passages)} passages in {out['index_seconds']} s")
        return 0
    except LinjianError as error:
        print(f"rivals: {error}", file=sys.stderr)
        return 1


def _worked(name: str, python: str, task: Path, threads: int) -> dict[str, Any]:
    """Run one framework in its own process and return what it wrote; LinjianError with its last words when it failed."""
    out = task.with_name(f"{name}.rankings.json")
    settings = (*OFFLINE, f"OMP_NUM_THREADS={threads}")
    ran = subprocess.run(
        ["env", *settings, python, "-m", "eval.rivals.worker", name, str(task.resolve()), str(out.resolve())],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ran.returncode:
        raise LinjianError(
            f"{name} failed: {ran.stderr.strip().splitlines()[-1:] or ran.returncode}. Is it installed for "
            f"{python!r}? See docs/benchmarks.md."
        )
    return json.loads(out.read_text("utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
