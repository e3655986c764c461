"""`linjian eval compare`, `report`, `same`, `list` and `pages`: what is made of results, answers and pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.groups import lone_command
from eval.commands.options import Into

compare, report, same, listing, pages = (lone_command() for _ in range(5))


@compare.command()
def compare_results(
    a: Annotated[Path, typer.Argument(metavar="A.json")], b: Annotated[Path, typer.Argument(metavar="B.json")]
) -> None:
    """Test whether two results differ."""
    from eval.report.compare import as_markdown, compare
    from eval.run.result import read_result

    first, second = read_result(a), read_result(b)
    print(as_markdown(first, second, compare(first, second)))


@report.command()
def report_results(
    results: Annotated[list[Path], typer.Argument(metavar="RESULT.json")],
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="one file that opens without a network")] = None,
    into: Into = None,
    short: Annotated[bool, typer.Option("--short", help="only the main metrics")] = False,
) -> None:
    """Print results as Markdown, or write a page with plots."""
    from eval.report.result_report import as_html, as_markdown
    from eval.run.result import read_result

    reports = [read_result(path) for path in results]
    table = as_markdown(reports, short=short)
    if html:
        html.write_text(as_html(reports), "utf-8", errors="backslashreplace")
        print(f"written: {html}")
    if into or not html:
        show_or_put(table, into, "eval-table")


def show_or_put(table: str, into: str | None, name: str) -> None:
    """Print a table, or put it into a file at the mark that FILE#NAME names; without #NAME at `name`."""
    from eval.report.result_report import put_into

    if into:
        file, _, mark = into.partition("#")
        put_into(Path(file), mark or name, table)
        print(f"written: {file}")
    else:
        print(table, end="")


@same.command()
def same_answers(
    before: Annotated[Path, typer.Argument(metavar="BEFORE.jsonl", help="as `linjian ask --batch` writes it")],
    after: Annotated[Path, typer.Argument(metavar="AFTER.jsonl")],
    rename: Annotated[list[str], typer.Option(
        metavar="OLD=NEW", help="a field has another name in AFTER; may be given several times")] = [],
    ignore: Annotated[list[str], typer.Option(metavar="FIELD", help="do not compare this field either")] = [],
    expected: Annotated[list[str], typer.Option(
        "--except", metavar="ID", help="the answer to this question must differ; may be given several times")] = [],
) -> int:
    """Compare two files of answers to the character.

    The status is 1 when one differs that was not announced.
    """
    from eval.report.same_answers import differences

    count, found = differences(before, after, renamed=dict(map(_pair, rename)), ignored=ignore, expected=expected)
    for difference in found:
        print(f"{difference.question}{' (expected)' if difference.expected else ''}")
        for what in difference.what:
            print(f"  {what}")
    announced = sum(difference.expected for difference in found)
    print(f"{count} answer{'s' * (count != 1)}, {len(found) - announced} differ"
          + (f", {announced} more differ as expected" if announced else ""))
    return int(len(found) > announced)


def _pair(text: str) -> tuple[str, str]:
    old, _, new = text.partition("=")
    if not old or not new:
        raise typer.BadParameter(f"{text!r} is no pair of names like OLD=NEW")
    return old, new


@listing.command()
def list_parts() -> None:
    """List formats, answerers and metrics."""
    from eval.datasets.suites import FORMATS
    from eval.report.result_report import MEANINGS
    from eval.run.answerers import ANSWERERS

    for head, rows in (
        ("suites (--format)", {name: what for name, (what, _) in FORMATS.items()}),
        ("answerers (--config)", ANSWERERS),
        ("metrics", MEANINGS),
    ):
        print(head)
        width = max(map(len, rows))
        for name, what in rows.items():
            print(f"  {name:<{width}}  {what}")


@pages.command()
def score_pages(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="what stands on the pages (docs/evaluate.md)")],
    pages: Annotated[Path | None, typer.Option(metavar="DIR", help="where the pages are, if not beside TRUTH")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the scores as JSON")] = False,
) -> None:
    """Score how newspaper pages are taken apart into articles.

    The pages are looked for in --pages, beside the file, or in `articles` beside it.
    """
    from eval.datasets.page_truth import read_truth
    from eval.metrics import page_scores as scoring

    articles = read_truth(truth)
    beside = (truth.parent, truth.parent / "articles")
    folder = pages or next((d for d in beside if (d / articles[0].file).is_file()), truth.parent)
    scores, misses = scoring.score_pages(articles, folder)
    print(json.dumps(scoring.as_json(scores, misses), ensure_ascii=False, indent=1) if as_json
          else scoring.as_table(scores, misses))
