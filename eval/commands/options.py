"""The options that several measurements share, each said once, and what they open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # imported when a command runs
    from assistant.evidence.reranker import NetworkReranker
    from eval.datasets.types import Suite as OpenedSuite
    from index.embedding.encoder import Encoder

MODELS = Path.home() / ".cache" / "linjian"
E5 = "e5-small"

Suite = Annotated[Path, typer.Argument(metavar="SUITE", help="a folder or file (linjian eval list)")]
Pairs = Annotated[list[Path], typer.Argument(
    metavar="PAGES QUESTIONS", help="a folder of pages and the questions about them, for each suite")]
Pages = Annotated[Path | None, typer.Option(metavar="DIR", help="the pages, if not in articles/ beside the questions")]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="only N questions, drawn by --seed")]
Documents = Annotated[int | None, typer.Option(
    metavar="N", min=1, help="only N documents of a corpus: the relevant, and drawn ones")]
Hard = Annotated[int, typer.Option(metavar="N", min=0, help="of those, the N nearest to each question by BM25")]
Seed = Annotated[int, typer.Option(metavar="N")]
OffTopic = Annotated[list[Path], typer.Option(metavar="QUESTIONS", help="that nothing answers; may be given several times")]
Models = Annotated[Path, typer.Option(metavar="DIR", help="keeps the embedding model")]
EncoderName = Annotated[str, typer.Option(metavar="NAME", help="the embedding model")]
Threads = Annotated[int, typer.Option(metavar="N", min=1)]
Work = Annotated[Path | None, typer.Option(metavar="DIR", help="keeps index and vectors for the next run")]
WithReranker = Annotated[bool, typer.Option("--reranker", help="with what the bundled reranker reads")]
Into = Annotated[str | None, typer.Option(
    metavar="FILE#NAME", help="put the table between <!-- NAME --> and <!-- /NAME --> of a file")]


def open_encoder(name: str, models: Path, threads: int = 1) -> Encoder:
    """Return the embedding model, kept in `models`."""
    from index.embedding.encoder import load_encoder

    return load_encoder(name, cache=models, threads=threads)


def open_reranker(models: Path, weights: Path | None = None) -> NetworkReranker:
    """Return the bundled reranker, or the one of packed `weights`."""
    from assistant.evidence.reranker import BUNDLED, NetworkReranker
    from index.embedding.e5 import restore_e5

    return NetworkReranker(restore_e5(models / E5), weights or BUNDLED)


def open_suite(path: Path, *, pages: Path | None, limit: int | None, documents: int | None, hard: int,
               seed: int) -> OpenedSuite:
    """Return a suite, shortened."""
    from eval.datasets import suites
    from eval.datasets.shorten import shorten

    suite = suites.open_suite(path, suites.Options(pages=pages, seed=seed))
    return shorten(suite, limit=limit, documents=documents, hard=hard, seed=seed)


def pairs_of(ctx: typer.Context, paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return (pages, questions) of each suite; wrong usage when one of them is missing."""
    if len(paths) % 2:
        ctx.fail("each PAGES needs its QUESTIONS, and the other way round")
    return list(zip(paths[::2], paths[1::2], strict=True))


@contextmanager
def work_folder(work: Path | None) -> Iterator[Path]:
    """Yield the folder that keeps indexes and vectors, or one for this run alone."""
    if work:
        yield work
    else:
        with TemporaryDirectory(prefix="linjian-eval-") as folder:
            yield Path(folder)
