"""Run the rivals over a suite and write a result for each, to be reported and compared like any other. See __init__."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.types import Answer, Citation, Claim, Found
from eval.datasets.types import EvalCase, Suite
from eval.metrics.citations import TermJudge
from eval.run.answers import ScoredAnswer
from eval.run.corpora import home_of, passages_in, texts_of
from eval.run.result import write_result
from eval.run.run_suite import REPOSITORY, environment, run_suite
from index.embedding.embedding_text import passage_input
from index.errors import LinjianError
from index.types import Passage

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

    def answer(self, case: EvalCase) -> ScoredAnswer:
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
        return ScoredAnswer(answer, None)


def run_all(suite: Suite, *, work: Path, out: Path, model: Path, pythons: Mapping[str, str], names: Sequence[str],
            threads: int, seed: int, options: Mapping[str, Any]) -> None:
    """Run the frameworks `names` over the passages that `linjian eval run` left in `work`; write a result for each to `out`.

    LinjianError when `work` holds another corpus, or a framework fails.
    """
    texts, home = texts_of(suite), home_of(work, suite)
    passages = {passage.id: (file, passage) for file, passage in passages_in(home)}
    if {file for file, _ in passages.values()} - texts.keys():
        raise LinjianError(f"{str(home)!r} holds another corpus. First: linjian eval run with the same options and --work")
    out.mkdir(parents=True, exist_ok=True)
    task = out / "task.json"
    task.write_text(json.dumps({
        "model": str(model.resolve()), "k": K, "threads": threads,
        "passages": [[name, passage_input(passage)] for name, (_, passage) in passages.items()],
        "questions": [[case.id, case.question] for case in suite.cases],
    }, ensure_ascii=False), "utf-8")
    for name in names:
        made = _worked(name, pythons.get(name, sys.executable), task, threads)
        made_with = {**environment(), "index": {"passages": len(passages)}, "options": dict(options),
                     "versions": made["versions"]}
        noted = {"date": datetime.now(UTC).date().isoformat(), "index_seconds": made["index_seconds"],
                 "index_cpu_seconds": made["index_cpu_seconds"]}
        report = run_suite(suite, Ranked(name, passages, made), texts, TermJudge(), seed=seed, made_with=made_with,
                           noted=noted, journal=out / f"{name}.journal")
        write_result(replace(report, memory_mb=made["memory_mb"]), out / f"{name}.result.json")
        print(f"{name}: indexed {len(passages)} passages in {made['index_seconds']} s")


def _worked(name: str, python: str, task: Path, threads: int) -> dict[str, Any]:
    """Run one framework in its own process and return what it wrote; LinjianError with its last words when it failed."""
    out = task.with_name(f"{name}.rankings.json")
    settings = (*OFFLINE, f"OMP_NUM_THREADS={threads}")
    ran = subprocess.run(
        ["env", *settings, python, "-m", "eval.baselines.worker", name, str(task.resolve()), str(out.resolve())],
        cwd=REPOSITORY,
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
