"""The commands `linjian eval run`, `compare`, `report` and `list`."""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import LinjianError

if TYPE_CHECKING:  # imported when a command runs
    from assistant.assistant import Assistant
    from eval.answerers import Answerer
    from eval.suites import Case, Suite
    from index.encoder import Encoder

BUILT_IN, RANDOM, ORACLE, ANSWERS = "built-in", "random", "oracle", "answers:"
ANSWERERS = {
    BUILT_IN: "the assistant, as the settings have it",
    "FILE.toml": "the assistant under another settings file",
    "answers:FILE.jsonl": "answers made elsewhere, in the shape of docs/answer.md with the questions' id",
    "module:object": "a LangChain Runnable",
    RANDOM: "random passages: the floor, also measured in every run",
    ORACLE: "the right answer: the ceiling, also measured in every run",
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What the commands are given by the entry point, which alone reads settings. Each takes the parsed arguments."""

    settings: Callable[[argparse.Namespace], Mapping[str, Any]]
    encoder: Callable[[argparse.Namespace], Encoder]
    assistants: Callable[[argparse.Namespace, Encoder], Callable[[Path], Assistant]]
    """Returns what makes an assistant over the index in a folder."""


def add_bench_commands(commands: Any, tools: Tools, told: Callable[[Callable], Callable]) -> None:
    """Add the four commands; `told` makes a function of the arguments end with its status on unreadable input."""
    run = commands.add_parser("run", help="ask every question of a suite and score the answers")
    run.add_argument("suite", type=Path, metavar="SUITE", help="a folder or file (linjian eval list)")
    run.add_argument(
        "--config", dest="answerer", default=BUILT_IN, metavar="NAME", help="who answers (linjian eval list)"
    )
    run.add_argument("--out", type=Path, required=True, metavar="RESULT.json")
    run.add_argument("--pages", type=Path, metavar="DIR", help="the pages, if not in articles/ beside the questions")
    run.add_argument("--format", metavar="NAME", help="the suite's format, if it is not recognised")
    run.add_argument("--limit", type=_positive, metavar="N", help="only N questions, drawn by --seed")
    run.add_argument(
        "--documents", type=_positive, metavar="N", help="only N documents of a corpus: the relevant, and drawn ones"
    )
    run.add_argument("--hard", type=_positive, default=0, metavar="N", help="of those, the N nearest each by BM25")
    run.add_argument(
        "--noise", type=float, default=0.0, metavar="R", help="RGB: share of documents that do not answer, 0 to 1"
    )
    run.add_argument("--passages", type=_positive, default=5, metavar="N", help="RGB: documents given with a question")
    run.add_argument(
        "--judge", default="terms", metavar="NAME", help="who judges support: terms, support, module:object"
    )
    run.add_argument("--seed", type=int, default=0, metavar="N")
    run.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    run.add_argument("--work", type=Path, metavar="DIR", help="keeps index and vectors for the next run")
    run.set_defaults(run=told(lambda args: _run(args, tools)))

    compare = commands.add_parser("compare", help="test whether two results differ")
    compare.add_argument("a", type=Path, metavar="A.json")
    compare.add_argument("b", type=Path, metavar="B.json")
    compare.set_defaults(run=told(_compare))

    report = commands.add_parser("report", help="print results as Markdown, or write a page with plots")
    report.add_argument("results", nargs="+", type=Path, metavar="RESULT.json")
    report.add_argument("--html", type=Path, metavar="OUT.html", help="one file that opens without a network")
    report.add_argument(
        "--into", metavar="FILE#NAME", help="put the table between <!-- NAME --> and <!-- /NAME --> of a file"
    )
    report.add_argument("--short", action="store_true", help="only the main metrics")
    report.set_defaults(run=told(_report))

    listing = commands.add_parser("list", help="list formats, answerers and metrics")
    listing.set_defaults(run=_list)


def _run(args: argparse.Namespace, tools: Tools) -> int:
    from eval.corpora import texts_of
    from eval.judges import load_judge
    from eval.report import as_markdown
    from eval.result import write_result
    from eval.run import environment, run_suite
    from eval.suites import FORMATS, Options, open_suite, shorten

    if not 0 <= args.noise <= 1:
        raise LinjianError(f"--noise {args.noise} is no share: give a number from 0 to 1.")
    if args.format and args.format not in FORMATS:
        raise LinjianError(f"There is no format {args.format!r}; there are {', '.join(FORMATS)}.")
    journal = args.out.with_name(f"{args.out.name}.journal")
    if journal.exists() and not args.resume:
        raise LinjianError(f"{str(journal)!r} is an interrupted run: go on with --resume, or delete it to start anew.")
    folder = args.out.absolute().parent
    if not folder.is_dir():
        raise LinjianError(f"There is no folder {str(folder)!r} for --out. Make it, or name another.")
    options = Options(args.pages, args.noise, args.passages, args.seed)
    suite = open_suite(args.suite, options, named=args.format)
    suite = shorten(suite, limit=args.limit, documents=args.documents, hard=args.hard, seed=args.seed)
    judge, texts = load_judge(args.judge, lambda: tools.encoder(args)), texts_of(suite)
    with ExitStack() as stack:
        work = args.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linjian-eval-")))
        noted: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat()}
        started, worked = time.monotonic(), time.process_time()
        answerer, index = _answerer(args, tools, suite, texts, home_of(work, suite))
        noted["index_seconds"] = round(time.monotonic() - started, 1)
        noted["index_cpu_seconds"] = round(time.process_time() - worked, 1)
        made_with = {
            **environment(Path(__file__).resolve().parents[1]),
            "settings": dict(answerer.settings),
            "index": index,
            "options": {
                "limit": args.limit,
                "documents": args.documents,
                "hard": args.hard,
                "noise": args.noise,
                "passages": args.passages,
            },
        }
        try:
            report = run_suite(
                suite,
                answerer,
                texts,
                judge,
                seed=args.seed,
                made_with=made_with,
                noted=noted,
                journal=journal,
                resume=args.resume,
            )
        except KeyboardInterrupt:
            print("\nlinjian: stopped. To go on: the same command with --resume", file=sys.stderr)
            raise
    write_result(report, args.out)
    print(as_markdown([report]), end="")
    print(f"written: {args.out}")
    return 0


def home_of(work: Path, suite: Suite) -> Path:
    """Return the folder below `work` that keeps the index and vectors of a suite."""
    return work / re.sub(r"[^\w.-]+", "_", suite.name)


def _answerer(
    args: argparse.Namespace, tools: Tools, suite: Suite, texts: Mapping[str, str], home: Path
) -> tuple[Answerer, dict[str, Any]]:
    """Return who answers, and what its index holds ({} for those that bring their own)."""
    from eval.answerers import AnswersFile, Imported, OracleCeiling, RandomFloor

    name: str = args.answerer
    if name == RANDOM:
        return RandomFloor(texts, suite.cases, args.seed), {}
    if name == ORACLE:
        return OracleCeiling(texts), {}
    if name.startswith(ANSWERS):
        return AnswersFile(Path(name.removeprefix(ANSWERS)), suite.cases), {}
    if name.endswith(".toml"):
        args = argparse.Namespace(**{**vars(args), "config": Path(name)})
        return _assistant(args, tools, suite, texts, home, Path(name).stem)
    if name == BUILT_IN:
        return _assistant(args, tools, suite, texts, home, name)
    if ":" in name:
        return Imported(name, texts), {}
    raise LinjianError(f"There is no answerer {name!r}; there are {', '.join(ANSWERERS)}. See: linjian eval list")


def _assistant(
    args: argparse.Namespace, tools: Tools, suite: Suite, texts: Mapping[str, str], home: Path, name: str
) -> tuple[Answerer, dict[str, Any]]:
    from assistant.calibration import FITTED
    from eval.answerers import BuiltIn
    from eval.corpora import index_documents, index_suite
    from index.progress import Bar
    from index.versions import current, manifest_of

    settings = {**tools.settings(args), "calibration": hashlib.sha256(FITTED.read_bytes()).hexdigest()[:12]}
    encoder = tools.encoder(args)
    assistant_over = tools.assistants(args, encoder)
    if any(case.given for case in suite.cases):  # each question has an index of its own
        documents = {document.id: document for document in suite.documents}

        def of_case(case: Case) -> Assistant:
            index_documents([documents[d] for d in case.given], home, encoder, lambda stage, done, total: None)
            return assistant_over(home)

        return BuiltIn(name, of_case, settings), {"encoder": encoder.name}
    with Bar() as bar:
        index_suite(suite, home, encoder, bar)
    manifest = asdict(manifest_of(current(home)))
    assistant = assistant_over(home)
    kept = ("format", "encoder", "dimension", "corpus", "articles", "passages", "sentences")
    return BuiltIn(name, lambda case: assistant, settings), {key: manifest[key] for key in kept if key in manifest}


def _compare(args: argparse.Namespace) -> int:
    from eval.compare import as_markdown, compare
    from eval.result import read_result

    a, b = read_result(args.a), read_result(args.b)
    print(as_markdown(a, b, compare(a, b)))
    return 0


def _report(args: argparse.Namespace) -> int:
    from eval.report import as_html, as_markdown, put_into
    from eval.result import read_result

    reports = [read_result(path) for path in args.results]
    table = as_markdown(reports, short=args.short)
    if args.html:
        args.html.write_text(as_html(reports), "utf-8", errors="backslashreplace")
        print(f"written: {args.html}")
    if args.into:
        file, _, name = args.into.partition("#")
        put_into(Path(file), name or "eval-table", table)
        print(f"written: {file}")
    if not args.html and not args.into:
        print(table, end="")
    return 0


def _list(args: argparse.Namespace) -> int:
    from eval.report import MEANINGS
    from eval.suites import FORMATS

    for head, rows in (
        ("suites (--format)", {name: what for name, (what, _) in FORMATS.items()}),
        ("answerers (--config)", ANSWERERS),
        ("metrics", MEANINGS),
    ):
        print(head)
        width = max(map(len, rows))
        for name, what in rows.items():
            print(f"  {name:<{width}}  {what}")
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
