"""`linjian eval calibrate`, `calibrate-cases` and `support`: fit the weights that the assistant decides with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands import options

calibrate = lone_command()
support = lone_command()
calibrate_cases = lone_command()
_EVAL = Path(__file__).parents[1]
CLAIMS, ARTICLES = _EVAL / "claims" / "data", _EVAL / "training" / "cases"


@calibrate.command()
def fit_calibration(
    ctx: typer.Context,
    suites: options.Pairs,
    off_topic: options.OffTopic = [],
    models: options.Models = options.MODELS,
    encoder: options.EncoderName = options.E5,
    reranker: options.WithReranker = False,
    only_gate: Annotated[bool, typer.Option("--only-gate", help="keep what else FILE holds")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="instead of the bundled weights")] = None,
    work: options.Work = None,
) -> None:
    """Fit which sentence is evidence and whether a question is answered.

    What is printed is measured on each suite with the weights fitted on the other suites only.
    """
    from eval.fit.calibrate import fit

    pairs = options.pairs_of(ctx, suites)
    with options.work_folder(work) as folder:
        fit(pairs, off_topic, options.open_encoder(encoder, models), options.open_reranker(models) if reranker else None, folder,
            only_gate=only_gate, out=out)


@support.command()
def fit_support(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="of corpus.jsonl and claims.jsonl")],
    models: Annotated[Path, typer.Option(metavar="DIR", help="keeps the embedding model and vectors")] = options.MODELS,
    encoder: options.EncoderName = options.E5,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="instead of the bundled weights")] = None,
    dry: Annotated[bool, typer.Option("--dry", help="measure, write nothing")] = False,
    claims: Annotated[Path, typer.Option(metavar="CLAIMS", help="sets of claims")] = CLAIMS,
    articles: Annotated[Path, typer.Option(metavar="ARTICLES", help="the sets of articles they are about")] = ARTICLES,
    wrong: Annotated[bool, typer.Option("--wrong", help="print the claims that are told apart wrongly")] = False,
) -> None:
    """Fit the check whether a source carries a claim.

    What is printed is measured on the halves that were not fitted.
    """
    from assistant.verify.entailment import open_entailment
    from eval.fit.fit_verification import fit_folders

    opened = options.open_encoder(encoder, models)
    fit_folders(folders, (claims, articles), opened, open_entailment(models, opened.name), models, out=out, dry=dry,
                show_wrong=wrong)


@calibrate_cases.command()
def fit_cases(
    ctx: typer.Context,
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="a folder of articles/, cases.jsonl and multi.jsonl")],
    questions: Annotated[list[Path], typer.Option(metavar="FILE", help="further wordings; may be given several times")] = [],
    beside: Annotated[list[str], typer.Option(metavar="PAGES=QUESTIONS", help="a suite of pages to fit to as well")] = [],
    models: options.Models = options.MODELS,
    threads: options.Threads = 2,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="instead of the bundled weights")] = None,
    work: options.Work = None,
) -> None:
    """Fit which case answers a question, and the bar before its card.

    What is printed is measured on each topic with the weights fitted on the other topics only.
    """
    from eval.fit.calibrate_cases import calibrate_cases as calibrated

    encoder = options.open_encoder(options.E5, models, threads)
    pairs = options.pairs_of(ctx, [Path(part) for one in beside for part in one.split("=", 1)])
    with options.work_folder(work) as folder:
        fit = calibrated(suite, questions, pairs, encoder, folder, out)
    print("bar     told   right  refused  refused rightly")
    for one in fit.bars:
        print(f"{one.bar:.3f}  {one.told:.3f}  {one.right:.3f}  {one.refused:.3f}    {one.absent_refused:.3f}"
              f"{'  chosen' if one is fit.best else ''}")
    for name, told in fit.answers.items():
        print(name + ": " + "  ".join(f"{key} {value:.3f}" for key, value in told.items()))
