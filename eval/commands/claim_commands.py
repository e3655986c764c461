"""`linjian eval train-entailment` and `claims`: learn to check claims, and measure the check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands import options

train_entailment, claims = lone_command(), lone_command()
START = Path(__file__).parents[2] / "assistant" / "weights" / "reranker.safetensors"


@train_entailment.command()
def train_claim_network(
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    data: Annotated[Path, typer.Argument(metavar="CLAIMS", help="sets of claims")],
    articles: Annotated[Path, typer.Argument(metavar="ARTICLES", help="the sets of articles they are about")],
    models: options.Models = options.MODELS,
    threads: options.Threads = 2,
    start: Annotated[Path, typer.Option(metavar="FILE", help="packed weights to go on from")] = START,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="steps")] = None,
    seed: options.Seed = 0,
) -> None:
    """Train the network that reads a claim beside its premise; an hour."""
    import torch

    from eval.claims.train_entailment import EntailmentRecipe
    from eval.claims.train_entailment import train_entailment as trained
    from index.embedding.e5 import restore_e5

    torch.set_num_threads(threads)
    told = trained(out, data, articles, restore_e5(models / options.E5), start, EntailmentRecipe(seed=seed), limit)
    for name, value in told.items():
        print(f"{name:<16} {value:.3f}")


@claims.command()
def measure_shown_claims(
    pages: Annotated[Path, typer.Argument(metavar="PAGES")],
    file: Annotated[Path, typer.Argument(metavar="CLAIMS.jsonl", help="lines of question, claim, supported, category")],
    models: options.Models = options.MODELS,
    threads: options.Threads = 2,
    reads: Annotated[bool, typer.Option("--read/--no-read", help="with the network that reads claims")] = True,
    wrong: Annotated[bool, typer.Option("--wrong", help="print the claims that are told apart wrongly")] = False,
    work: options.Work = None,
) -> None:
    """Measure how many true and false claims of a language model are shown as supported."""
    from assistant.verify.entailment import open_entailment
    from assistant.verify.verify import Verifier
    from eval.claims.measure_claims import measure_claims, shares

    encoder = options.open_encoder(options.E5, models, threads)
    verifier = Verifier.for_encoder(encoder.name, open_entailment(models, encoder.name) if reads else None)
    with options.work_folder(work) as folder:
        shown = list(measure_claims(pages, file, encoder, options.open_reranker(models), verifier, folder))
    for name, (those, of) in shares(shown).items():
        print(f"{name:<24} {those:>4} of {of}")
    for one in shown:
        if wrong and one.shown != one.supported:
            print(f"{'+' if one.shown else '-'} {one.category}: {one.claim}")
