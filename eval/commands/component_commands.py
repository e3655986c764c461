"""`linjian eval parts`, `ablate` and `baselines`: what each part is worth, and what other frameworks do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command, new_group, one_of
from eval.commands import options
from eval.commands.result_commands import show_or_put

parts = new_group("Which part does the work: search, gate, reranker.")
ablate = lone_command()
baselines = lone_command()
TABLES = ("retrieval", "reading", "refusal", "signals", "refit")
FRAMEWORKS = ("langchain", "llamaindex", "haystack", "txtai")


@parts.command("ask")
def ask_parts(
    suite: options.Suite,
    out: Annotated[Path, typer.Option(metavar="PARTS.json")],
    work: Annotated[Path, typer.Option(metavar="DIR", help="keeps index and vectors")],
    pages: options.Pages = None,
    limit: options.Limit = None,
    documents: options.Documents = None,
    hard: options.Hard = 0,
    half: Annotated[int | None, typer.Option(
        min=0, max=1, help="only the half of the questions that the reranker was not trained on")] = None,
    off_topic: options.OffTopic = [],
    among: Annotated[Path | None, typer.Option(metavar="CORPUS.jsonl", help="a corpus to draw more documents from")] = None,
    among_documents: Annotated[int, typer.Option(metavar="N", min=1)] = 500,
    models: options.Models = options.MODELS,
    encoder: options.EncoderName = options.E5,
    reranker: Annotated[Path | None, typer.Option(metavar="FILE", help="weights instead of the bundled ones")] = None,
    no_reranker: Annotated[bool, typer.Option("--no-reranker")] = False,
    seed: options.Seed = 0,
) -> None:
    """Ask every question of a suite without and with the reranker, and store what each part does."""
    from eval.components import component_study
    from eval.run.corpora import home_of

    opened = options.open_suite(suite, pages=pages, limit=limit, documents=documents, hard=hard, seed=seed)
    opened = component_study.extended(opened, off_topic=off_topic, half=half, among=among, among_documents=among_documents, seed=seed)
    reads = None if no_reranker else options.open_reranker(models, reranker)
    made = component_study.ask_all(opened, home_of(work, opened), options.open_encoder(encoder, models), reads, seed)
    out.write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")
    print(f"{opened.name}: {len(made['rows'])} questions over {made['passages']} passages; written: {out}")


@parts.command("report")
def report_parts(
    files: Annotated[list[Path], typer.Argument(metavar="PARTS.json")],
    table: Annotated[list[str], typer.Option(
        parser=one_of(*TABLES), metavar="|".join(TABLES), help="may be given several times; without it all")] = list(TABLES),
    into: options.Into = None,
) -> None:
    """Make tables of what `ask` stored."""
    from eval.components import component_tables

    stored = [json.loads(path.read_text("utf-8")) for path in files]
    show_or_put("\n".join(component_tables.TABLES[name](stored) for name in table), into, "parts")


@ablate.command()
def ablate_signals(
    ctx: typer.Context,
    suites: options.Pairs,
    off_topic: options.OffTopic = [],
    models: options.Models = options.MODELS,
    encoder: options.EncoderName = options.E5,
    reranker: options.WithReranker = False,
    work: options.Work = None,
) -> None:
    """Print what a suite loses by each signal: fit evidence and gate again without it.

    Each suite is measured with weights fitted on the others.
    """
    from eval.components.ablation import ask_suites, table

    pairs = options.pairs_of(ctx, suites)
    with options.work_folder(work) as folder:
        reads = options.open_reranker(models) if reranker else None
        print(table(*ask_suites(pairs, off_topic, options.open_encoder(encoder, models), reads, folder)), end="")


@baselines.command()
def run_baselines(
    suite: options.Suite,
    work: Annotated[Path, typer.Option(metavar="DIR", help="as given to linjian eval run")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="folder of the results")],
    model: Annotated[Path, typer.Option(metavar="DIR", help="the embedding model's folder (home/models/e5-small)")],
    python: Annotated[list[str], typer.Option(metavar="NAME=PYTHON", help="whose Python has the framework")] = [],
    name: Annotated[list[str], typer.Option(
        parser=one_of(*FRAMEWORKS), metavar="|".join(FRAMEWORKS), help="may be given several times; without it all",
    )] = list(FRAMEWORKS),
    pages: options.Pages = None,
    limit: options.Limit = None,
    documents: options.Documents = None,
    hard: options.Hard = 0,
    seed: options.Seed = 0,
    threads: options.Threads = 1,
) -> None:
    """Run other frameworks over a suite and write a result for each."""
    from eval.baselines.run_baselines import run_all

    opened = options.open_suite(suite, pages=pages, limit=limit, documents=documents, hard=hard, seed=seed)
    run_all(opened, work=work, out=out, model=model, pythons=dict(pair.split("=", 1) for pair in python),
            names=name, threads=threads, seed=seed,
            options={"limit": limit, "documents": documents, "hard": hard})
