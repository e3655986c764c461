"""`linjian eval cases`: ask how others did it, and score which cases are told, how well, and how alike in other words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands import options

cases = lone_command()


@cases.command()
def ask_cases(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="a folder of articles/, cases.jsonl and multi.jsonl")],
    questions: Annotated[list[Path], typer.Option(metavar="FILE", help="further wordings; may be given several times")] = [],
    models: options.Models = options.MODELS,
    threads: options.Threads = 2,
    out: Annotated[Path | None, typer.Option(metavar="RESULT.json", help="keep the figures")] = None,
    work: options.Work = None,
) -> None:
    """Ask every question of a suite of cases as it stands, and print the means of what its answers tell."""
    from assistant.assistant import Assistant
    from assistant.types import Ask
    from eval.datasets.case_suite import read_case_suite
    from eval.metrics.case_scores import grouped, mean_scores, same_cards, score_cases
    from index.ingest.corpus import Corpus
    from index.search.engine import SearchIndex

    read, encoder = read_case_suite(suite, questions), options.open_encoder(options.E5, models, threads)
    with options.work_folder(work) as folder:
        Corpus(folder, encoder).add([suite / "articles"])
        assistant = Assistant(SearchIndex.open(folder, encoder), reranker=options.open_reranker(models))
        answers = {q.id: assistant.invoke(Ask(q.text)) for q in read.questions}
    told = [q for q in read.questions if q.grades]
    absent = [q for q in read.questions if not q.grades]
    figures = mean_scores(score_cases(q, answers[q.id], read) for q in told)
    alike = [same_cards(group) for group in grouped(told, answers).values() if len(group) > 1]
    if alike:
        figures["same_cards"] = sum(alike) / len(alike)
    if absent:
        figures["absent_refused"] = sum(answers[q.id].refused for q in absent) / len(absent)
    for name, value in figures.items():
        print(f"{name:<16} {value:.3f}")
    if out:
        out.write_text(json.dumps({"suite": suite.name, "questions": len(read.questions), "figures": figures}, indent=1),
                       encoding="utf-8")
