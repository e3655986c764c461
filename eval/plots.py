"""Plots as SVG text that needs nothing but the page it stands in. Every label is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420, 260, 44, 14, 36
COLOURS = ("#1f5fa8", "#b8431f", "#2f7d4f", "#7a4b9a", "#8a6d1a", "#4a4a4a")
Points = Sequence[tuple[float, float]]


def lines(series: Mapping[str, Points], *, across: str, up: str, dots: bool = True, diagonal: bool = False) -> str:
    """Return a line plot; both axes go from 0 to 1, or x to the largest value there is."""
    right = max((x for points in series.values() for x, _ in points), default=1.0)
    right = 1.0 if right <= 1 else right

    def place(x: float, y: float) -> tuple[float, float]:
        return (LEFT + x / right * (WIDTH - LEFT - 12), TOP + (1 - min(max(y, 0.0), 1.0)) * (HEIGHT - TOP - BOTTOM))

    parts = [
        _axes(
            across,
            up,
            [(place(v * right, 0)[0], f"{v * right:g}") for v in (0, 0.25, 0.5, 0.75, 1)],
            [(place(0, v)[1], f"{v:g}") for v in (0, 0.25, 0.5, 0.75, 1)],
        )
    ]
    if diagonal:
        (x1, y1), (x2, y2) = place(0, 0), place(1, 1)
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#999" stroke-dasharray="4 4"/>'
        )
    for n, (name, points) in enumerate(series.items()):
        colour = COLOURS[n % len(COLOURS)]
        placed = [place(x, y) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if dots:
            parts += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{escape(name)}: {px:.3g}, {py:.3f}</title>'
                "</circle>"
                for (x, y), (px, py) in zip(placed, points, strict=True)
            ]
    return _figure(parts, list(series), f"{up} by {across}")


def bars(series: Mapping[str, Mapping[str, float]], *, up: str) -> str:
    """Return grouped bars: series -> label -> height, upright from 0 to the largest."""
    labels = list(dict.fromkeys(label for heights in series.values() for label in heights))
    top = max((v for heights in series.values() for v in heights.values()), default=1.0) or 1.0
    floor, usable = HEIGHT - BOTTOM, WIDTH - LEFT - 12
    group = usable / max(len(labels), 1)
    width = group * 0.8 / max(len(series), 1)
    ticks = [(floor - v * (floor - TOP), f"{v * top:.3g}") for v in (0, 0.25, 0.5, 0.75, 1)]
    parts = [_axes("", up, [(LEFT + (i + 0.45) * group, label) for i, label in enumerate(labels)], ticks)]
    for n, (name, heights) in enumerate(series.items()):
        for i, label in enumerate(labels):
            height = heights.get(label, 0.0) / top * (floor - TOP)
            parts.append(
                f'<rect x="{LEFT + i * group + n * width:.1f}" y="{floor - height:.1f}" width="{width * 0.9:.1f}" '
                f'height="{height:.1f}" fill="{COLOURS[n % len(COLOURS)]}"><title>{escape(name)}, {escape(label)}: '
                f"{heights.get(label, 0.0):.4g}</title></rect>"
            )
    return _figure(parts, list(series), up)


def _axes(across: str, up: str, xs: Sequence[tuple[float, str]], ys: Sequence[tuple[float, str]]) -> str:
    floor = HEIGHT - BOTTOM
    parts = [
        f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 12}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        for y, label in ys
    ]
    parts += [f'<text x="{x:.1f}" y="{floor + 15}" text-anchor="middle">{escape(label)}</text>' for x, label in xs]
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 4}" text-anchor="middle">{escape(across)}</text>')
    parts.append(
        f'<text x="12" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 12 {HEIGHT / 2})">{escape(up)}</text>'
    )
    return "".join(parts)


def _figure(parts: Sequence[str], names: Sequence[str], title: str) -> str:
    legend = "".join(
        f'<span><i style="background:{COLOURS[n % len(COLOURS)]}"></i>{escape(name)}</span>'
        for n, name in enumerate(names)
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">{"".join(parts)}'
        f"</svg><figcaption>{legend}</figcaption></figure>"
    )
