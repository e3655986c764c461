"""`linjian eval train`, `average`, `training-suite`, `train-roles`, `train-case-space`, `train-forms`: learned weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands.options import E5, MODELS, Models, Seed, Threads

train, average, training_suite, train_roles, train_case_space, train_forms = (lone_command() for _ in range(6))


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
    frozen: Annotated[int | None, typer.Option(metavar="N", min=0, help="lowest layers that stay")] = None,
    half: Annotated[int | None, typer.Option(min=0, max=1, help="train on one half of the judged questions alone")] = None,
    pack: Annotated[Path | None, typer.Option(metavar="FILE", help="write the weights as int8 for the assistant")] = None,
) -> None:
    """Train the reranker; an interrupted run goes on with the same command."""
    import torch

    from eval.training.train import train_stages
    from index.embedding.e5 import restore_e5

    torch.set_num_threads(threads)
    given = {"rate": rate, "head_rate": head_rate, "frozen": frozen}
    rates = {name: value for name, value in given.items() if value is not None}
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


@train_roles.command()
def train_sentence_roles(
    out: Annotated[Path, typer.Argument(metavar="OUT")], folders: Annotated[list[Path], typer.Argument(metavar="FOLDER")],
    models: Models = MODELS, threads: Threads = 2,
) -> None:
    """Train the model of sentence roles on folders of cases."""
    from eval.training.train_roles import train_roles
    from index.embedding.encoder import load_encoder

    _print(train_roles(out, folders, load_encoder(E5, cache=models, threads=threads)))


@train_case_space.command()
def learn_case_space(
    out: Annotated[Path, typer.Argument(metavar="OUT")], folders: Annotated[list[Path], typer.Argument(metavar="FOLDER")],
    models: Models = MODELS, threads: Threads = 2,
) -> None:
    """Learn the space in which a question lies near the cases that answer it."""
    from eval.training.train_case_space import train_case_space
    from index.embedding.encoder import load_encoder

    _print(train_case_space(out, folders, load_encoder(E5, cache=models, threads=threads)))


@train_forms.command()
def train_question_forms(
    out: Annotated[Path, typer.Argument(metavar="OUT")], questions: Annotated[Path, typer.Argument(metavar="QUESTIONS")],
    cases: Annotated[list[Path], typer.Argument(metavar="CASES")], models: Models = MODELS, threads: Threads = 2,
) -> None:
    """Train the model of question forms on labelled wordings and on the questions of folders of cases."""
    from eval.training.train_forms import train_forms
    from index.embedding.encoder import load_encoder

    _print(train_forms(out, questions, cases, load_encoder(E5, cache=models, threads=threads)))


def _print(measured: Mapping[str, float]) -> None:
    for name, value in measured.items():
        print(f"{name:<12} {value:.3f}")
