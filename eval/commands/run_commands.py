"""`linjian eval run`: ask every question of a suite and score the answers."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands.groups import lone_command, services
from eval.commands.options import Documents, Hard, Limit, Pages, Seed, Suite, Work, work_folder
from index.errors import LinjianError

if TYPE_CHECKING:  # imported when the command runs
    from assistant.assistant import Assistant
    from assistant.commands.services import Services
    from eval.datasets.types import EvalCase
    from eval.datasets.types import Suite as OpenedSuite
    from eval.run.answerers import Answerer
    from index.embedding.encoder import Encoder

run = lone_command()
NOT_MEASURED = {"home", "host", "port", "language", "model_key", "answers_at_once", "answer_timeout"}
"""Settings that change no answer, or must not be written down."""


@run.command()
def run_suite(
    ctx: typer.Context,
    suite: Suite,
    out: Annotated[Path, typer.Option(metavar="RESULT.json")],
    config: Annotated[str, typer.Option(metavar="NAME", help="who answers (linjian eval list)")] = "built-in",
    pages: Pages = None,
    suite_format: Annotated[str | None, typer.Option(
        "--format", metavar="NAME", help="the suite's format, if it is not recognised")] = None,
    limit: Limit = None,
    documents: Documents = None,
    hard: Hard = 0,
    noise: Annotated[float, typer.Option(metavar="R", help="RGB: share of documents that do not answer, 0 to 1")] = 0.0,
    passages: Annotated[int, typer.Option(metavar="N", min=1, help="RGB: documents given with a question")] = 5,
    judge: Annotated[str, typer.Option(metavar="NAME", help="who judges support: terms, support, module:object")] = "terms",
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="go on with an interrupted run")] = False,
    work: Work = None,
) -> None:
    """Ask every question of a suite and score the answers."""
    from eval.datasets.shorten import shorten
    from eval.datasets.suites import FORMATS, Options, open_suite
    from eval.report.result_report import as_markdown
    from eval.run.corpora import texts_of
    from eval.run.judges import load_judge
    from eval.run.result import write_result
    from eval.run.run_suite import environment, run_suite

    if not 0 <= noise <= 1:
        raise LinjianError(f"--noise {noise} is no share: give a number from 0 to 1.")
    if suite_format and suite_format not in FORMATS:
        raise LinjianError(f"There is no format {suite_format!r}; there are {', '.join(FORMATS)}.")
    journal = out.with_name(f"{out.name}.journal")
    if journal.exists() and not resume:
        raise LinjianError(f"{str(journal)!r} is an interrupted run: go on with --resume, or delete it to start anew.")
    folder = out.absolute().parent
    if not folder.is_dir():
        raise LinjianError(f"There is no folder {str(folder)!r} for --out. Make it, or name another.")
    opened = open_suite(suite, Options(pages, noise, passages, seed), named=suite_format)
    opened = shorten(opened, limit=limit, documents=documents, hard=hard, seed=seed)
    given = services(ctx)
    judging, texts = load_judge(judge, lambda: given.encoder(given.settings.unhurried())), texts_of(opened)
    with work_folder(work) as kept:
        started, worked = time.monotonic(), time.process_time()
        answerer, index = _answerer(config, given, opened, texts, kept, seed)
        noted = {
            "date": datetime.now(UTC).date().isoformat(), "index_seconds": round(time.monotonic() - started, 1),
            "index_cpu_seconds": round(time.process_time() - worked, 1)}
        options = {"limit": limit, "documents": documents, "hard": hard, "noise": noise, "passages": passages}
        made_with = {**environment(), "settings": dict(answerer.settings), "index": index, "options": options}
        try:
            report = run_suite(opened, answerer, texts, judging, seed=seed, made_with=made_with, noted=noted,
                               journal=journal, resume=resume)
        except KeyboardInterrupt:
            print("\nlinjian: stopped. To go on: the same command with --resume", file=sys.stderr)
            raise
    write_result(report, out)
    print(as_markdown([report]), end="")
    print(f"written: {out}")


def _answerer(name: str, given: Services, suite: OpenedSuite, texts: Mapping[str, str], work: Path,
              seed: int) -> tuple[Answerer, dict[str, Any]]:
    """Return who answers, and what its index holds ({} for those that bring their own)."""
    from eval.run.answerers import (
        ANSWERERS,
        ANSWERS,
        BUILT_IN,
        ORACLE,
        RANDOM,
        AnswersFile,
        Imported,
        OracleCeiling,
        RandomFloor,
    )
    from eval.run.corpora import home_of

    if name == RANDOM:
        return RandomFloor(texts, suite.cases, seed), {}
    if name == ORACLE:
        return OracleCeiling(texts), {}
    if name.startswith(ANSWERS):
        return AnswersFile(Path(name.removeprefix(ANSWERS)), suite.cases), {}
    if name.endswith(".toml"):
        return _assistant(given.under(Path(name)), suite, home_of(work, suite), Path(name).stem)
    if name == BUILT_IN:
        return _assistant(given, suite, home_of(work, suite), name)
    if ":" in name:
        return Imported(name, texts), {}
    raise LinjianError(f"There is no answerer {name!r}; there are {', '.join(ANSWERERS)}. See: linjian eval list")


def _assistant(given: Services, suite: OpenedSuite, home: Path, name: str) -> tuple[Answerer, dict[str, Any]]:
    from assistant.answer.calibration import FITTED
    from eval.run.answerers import BuiltIn
    from eval.run.corpora import index_suite
    from index.progress import Bar
    from index.search.versions import current, manifest_of

    settings = given.settings.unhurried()
    encoder = given.encoder(settings)
    assistant_over = given.assistants(settings, encoder)
    noted = settings.model_dump(mode="json", exclude=NOT_MEASURED)
    noted["calibration"] = hashlib.sha256(FITTED.read_bytes()).hexdigest()[:12]
    if any(case.given for case in suite.cases):  # each question has an index of its own
        return BuiltIn(name, _over_own_documents(suite, home, encoder, assistant_over), noted), {"encoder": encoder.name}
    with Bar() as bar:
        index_suite(suite, home, encoder, bar)
    manifest = asdict(manifest_of(current(home)))
    assistant = assistant_over(home)
    kept = ("format", "encoder", "dimension", "corpus", "articles", "passages", "sentences")
    return BuiltIn(name, lambda case: assistant, noted), {key: manifest[key] for key in kept if key in manifest}


def _over_own_documents(suite: OpenedSuite, home: Path, encoder: Encoder,
                        assistant_over: Callable[[Path], Assistant]) -> Callable[[EvalCase], Assistant]:
    from eval.run.corpora import index_documents

    documents = {document.id: document for document in suite.documents}

    def of_case(case: EvalCase) -> Assistant:
        index_documents([documents[d] for d in case.given], home, encoder, lambda stage, done, total: None)
        return assistant_over(home)

    return of_case
