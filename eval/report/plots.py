"""Plots as SVG that stands in a page: drawn by matplotlib (extra `eval`), with a legend in HTML, every name escaped."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from index.errors import LinjianError

COLOURS = ("#1f5fa8", "#b8431f", "#2f7d4f", "#7a4b9a", "#8a6d1a", "#4a4a4a")
GREY = "#888888"  # of axes and their labels: to be read on a light page and on a dark one
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "linjian", "font.size": 8} | dict.fromkeys(
    ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), GREY)
Points = Sequence[tuple[float, float]]


def lines(series: Mapping[str, Points], *, across: str, up: str, dots: bool = True, diagonal: bool = False) -> str:
    """Return a line plot; both axes go from 0 to 1, or x to the largest value there is."""
    right = max([1.0, *(x for points in series.values() for x, _ in points)])

    def draw(axes: Any) -> None:
        for colour, points in zip(_colours(series), series.values(), strict=True):
            axes.plot(*zip(*points, strict=True), color=colour, marker="o" if dots else None, markersize=3)
        if diagonal:
            axes.plot((0, right), (0, 1), color=GREY, linestyle="--", linewidth=1)
        axes.set(xlabel=across, ylabel=up, xlim=(0, right), ylim=(0, 1))

    return _figure(draw, list(series), f"{up} by {across}")


def bars(series: Mapping[str, Mapping[str, float]], *, up: str) -> str:
    """Return grouped bars: series -> label -> height."""
    labels = list(dict.fromkeys(label for heights in series.values() for label in heights))
    width = 0.8 / max(len(series), 1)

    def draw(axes: Any) -> None:
        for n, (colour, heights) in enumerate(zip(_colours(series), series.values(), strict=True)):
            axes.bar([i + n * width for i in range(len(labels))], [heights.get(label, 0.0) for label in labels], width * 0.9,
                     color=colour)
        axes.set_xticks([i + 0.4 - width / 2 for i in range(len(labels))], labels)
        axes.set_ylabel(up)

    return _figure(draw, list(series), up)


def _colours(names: Sequence[str] | Mapping[str, Any]) -> list[str]:
    return [COLOURS[n % len(COLOURS)] for n in range(len(names))]


def _figure(draw: Any, names: Sequence[str], title: str) -> str:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise LinjianError("Plots need matplotlib. Install it: pip install 'linjian[eval]'") from error
    with rc_context(STYLE):
        figure = Figure(figsize=(4.2, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.grid(alpha=0.3)
        draw(axes)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", transparent=True,
                       metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    svg = drawn.getvalue()
    legend = "".join(f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
                     for colour, name in zip(_colours(names), names, strict=True))
    return (f'<figure role="img" aria-label="{escape(title, quote=True)}">{svg[svg.index("<svg"):]}'
            f"<figcaption>{legend}</figcaption></figure>")
