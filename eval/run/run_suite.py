"""Ask every question of a suite, score the answers, and go on where an interrupted run stopped."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from eval.datasets.types import EvalCase, Suite
from eval.metrics.citations import Judge
from eval.metrics.metric_table import Context, score
from eval.run.answerers import Answerer, OracleCeiling, RandomFloor
from eval.run.result import Row, RunReport, row_of, summarise
from index.errors import LinjianError
from index.progress import pace

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "tantivy", "numpy", "scipy", "ir-measures", "rapidfuzz")


def run_suite(
    suite: Suite,
    answerer: Answerer,
    texts: Mapping[str, str],
    judge: Judge,
    *,
    seed: int,
    made_with: Mapping[str, Any],
    noted: Mapping[str, Any],
    journal: Path,
    resume: bool = False,
) -> RunReport:
    """Return the report of one answerer over one suite.

    `made_with` must be the same for a run that is resumed; `noted` (date, seconds to index) need not.
    Rows go into `journal` as they are made, one a line; it is removed when the last is done. With `resume` the rows of an
    interrupted run of the same suite, answerer and settings are taken over; LinjianError when they are another's.
    """
    context = Context(texts, judge)
    head = json.loads(
        json.dumps(
            {
                "suite": suite.name,
                "corpus": suite.corpus_fingerprint,
                "questions": suite.questions_fingerprint,
                "answerer": answerer.name,
                "judge": judge.name,
                "seed": seed,
                "made_with": dict(made_with),
            },
            default=str,
        )
    )
    started = time.monotonic()
    done = _resumed(journal, head) if resume else {}
    with _journal(journal, head, done.values()) as file:
        for case in tqdm(suite.cases, desc="asking", unit="question", mininterval=pace()):
            if case.id not in done:
                done[case.id] = ask(answerer, case, context)
                file.write(_line(asdict(done[case.id])))
                file.flush()
    rows = tuple(done[case.id] for case in suite.cases)
    floor = [ask(RandomFloor(texts, suite.cases, seed), case, context) for case in suite.cases]
    ceiling = [ask(OracleCeiling(texts), case, context) for case in suite.cases]
    report = RunReport(
        suite=suite.name,
        suite_format=suite.format,
        corpus=suite.corpus_fingerprint,
        questions=suite.questions_fingerprint,
        answerer=answerer.name,
        judge=judge.name,
        seed=seed,
        made_with={**noted, **head["made_with"]},
        rows=rows,
        floor=summarise(floor, seed),
        ceiling=summarise(ceiling, seed),
        seconds=round(time.monotonic() - started, 1),
        memory_mb=peak_memory_mb(),
        summary=summarise(rows, seed),
    )
    journal.unlink()
    return report


def ask(answerer: Answerer, case: EvalCase, context: Context) -> Row:
    """Ask one question and score the answer."""
    started, worked = time.perf_counter(), time.process_time()
    said = answerer.answer(case)
    total, cpu = (time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000
    answer = said.answer
    stages = dict(answer.timings_ms)
    if "total" not in stages:  # else it was timed where it was made
        stages |= {"total": round(total, 1), "cpu": round(cpu, 1)}
    return Row(
        id=case.id,
        type=case.type,
        question=case.question,
        answerable=case.answerable,
        refused=answer.refused,
        confidence=said.confidence,
        text=answer.text,
        gold=(*case.answers, *(gold.quote for gold in case.evidence)),
        quotes=tuple(citation.quote for citation in answer.citations),
        scores=score(case, answer, context),
        timings_ms=stages,
    )


def environment(repository: Path = REPOSITORY) -> dict[str, Any]:
    """Return commit, versions and machine: what a result depends on beside suite and settings."""

    def git(*arguments: str) -> str:
        try:
            ran = subprocess.run(
                ["git", *arguments], cwd=repository, capture_output=True, encoding="utf-8", check=True, timeout=30
            )
            return ran.stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""  # installed without its repository

    installed = {d.metadata["Name"] for d in metadata.distributions()}
    return {
        "commit": git("rev-parse", "--short=12", "HEAD") or "unknown",
        "changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in PACKAGES if name in installed},
        },
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def peak_memory_mb() -> float:
    """Return the most memory that this process has held, in megabytes."""
    per_mb = 1 << 20 if platform.system() == "Darwin" else 1 << 10  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb, 1)


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


@contextmanager
def _journal(path: Path, head: Mapping[str, Any], rows: Sequence[Row] | Any) -> Iterator[TextIO]:
    """Open a journal that holds `head` and `rows`, for more rows."""
    part = path.with_name(f"{path.name}.part")
    part.write_text("".join([_line(head), *(_line(asdict(row)) for row in rows)]), "utf-8")
    part.replace(path)
    with path.open("a", encoding="utf-8") as file:
        yield file


def _resumed(path: Path, head: Mapping[str, Any]) -> dict[str, Row]:
    """Return the rows of an interrupted run, by question; {} when there is none. A last line that broke off is dropped."""
    if not path.exists():
        return {}
    try:
        old, *lines = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]] or [{}]
        if old != head:
            raise LinjianError(
                f"{str(path)!r} is from another run: {', '.join(_differs(old, head))} differs. Run it as then, or delete it."
            )
        return {row.id: row for row in map(row_of, lines)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LinjianError(f"{str(path)!r} is no journal of a run: {error!r}. Delete it to start anew.") from error


def _differs(old: Mapping[str, Any], new: Mapping[str, Any], within: str = "") -> list[str]:
    """Return what stands otherwise in two heads, by its way down: made_with.options.limit."""
    found = []
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            found += _differs(before, value, f"{within}{name}.")
        elif value != before:
            found.append(f"{within}{name}")
    return found
