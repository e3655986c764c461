"""`linjian eval train`, `average` and `training-suite`: the reranker's weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands.options import E5, MODELS, Models, Seed, Threads

train, average, training_suite = (lone_command() for _ in range(3))


@train.command()
def train_reranker(
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    stage: Annotated[list[str], typer.Option(metavar="DATA[,DATA...]:EPOCHS", help="may be given several times")],
    validate: Annotated[list[Path], typer.Option(
        metavar="DATA", help="measured at the end; may be given several times")] = [],
    models: Models = MODELS,
    threads: Threads = 2,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="steps a stage, for a trial")] = None,
    seed: Seed = 0,
    start: Annotated[Path | None, typer.Option(metavar="FILE", help="packed weights to go on from")] = None,
    rate: Annotated[float | None, typer.Option(help="highest learning rate")] = None,
    head_rate: Annotated[float | None, typer.Option(help="of the heads")] = None,
    half: Annotated[int | None, typer.Option(min=0, max=1, help="train on one half of the judged questions alone")] = None,
    pack: Annotated[Path | None, typer.Option(metavar="FILE", help="write the weights as int8 for the assistant")] = None,
) -> None:
    """Train the reranker; an interrupted run goes on with the same command."""
    import torch

    from eval.training.train import train_stages
    from index.embedding.e5 import restore_e5

    torch.set_num_threads(threads)
    rates = {name: value for name, value in (("rate", rate), ("head_rate", head_rate)) if value is not None}
    train_stages(out, stage, restore_e5(models / E5), seed=seed, rates=rates, limit=limit, start=start, half=half,
                 validate=validate, pack=pack)


@average.command()
def average_rerankers(
    out: Annotated[Path, typer.Argument(metavar="OUT")], files: Annotated[list[Path], typer.Argument(metavar="FILE")]
) -> None:
    """Average readers that were trained from the same start."""
    from eval.training.average import average

    average(files, out)


@training_suite.command()
def write_training_suite(
    articles: Annotated[Path, typer.Argument(metavar="ARTICLES")], out: Annotated[Path, typer.Argument(metavar="OUT")]
) -> None:
    """Write training articles as OUT/pages with OUT/questions.jsonl."""
    from eval.training.training_data import read_problems
    from eval.training.training_suite import write_suite

    write_suite(read_problems(articles), out)
