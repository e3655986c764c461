"""Paragraphs of a PDF in which no line begins with what closes: reportlab knows the Japanese signs, not ”, ， and ；."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from reportlab.platypus import Paragraph

CLOSING = frozenset("，。、；：！？”’》〉）」』】〕…,.;:!?)]")
MOST = 3
"""Signs that hang into the margin at most."""


class ChineseParagraph(Paragraph):
    """A paragraph whose lines are broken between any two characters, but not before what closes."""

    def breakLinesCJK(self, maxWidths: Any) -> Any:  # noqa: N802, N803  reportlab's names
        """Return the lines as reportlab breaks them, closing signs moved up to the line that they close."""
        broken = super().breakLinesCJK(maxWidths)
        for above, line in pairwise(broken.lines):
            for _ in range(MOST):
                if not _move_up(above, line):
                    break
        broken.lines[1:] = [line for line in broken.lines[1:] if _is_text(line)]
        return broken


def _move_up(above: Any, line: Any) -> bool:
    """Move one closing sign from the beginning of a line to the end of the one above; False where there is none."""
    if isinstance(line, tuple):  # a paragraph of one style: (space left, [text])
        text = line[1][0]
        if text[:1] in CLOSING:
            above[1][0] += text[0]
            line[1][0] = text[1:]
            return True
        return False
    first = next((word for word in line.words if word.text), None)
    if first is None or first.text[0] not in CLOSING or not above.words:
        return False
    sign = first.clone()
    sign.text, first.text = first.text[0], first.text[1:]
    above.words.append(sign)
    return True


def _is_text(line: Any) -> bool:
    return bool(line[1][0]) if isinstance(line, tuple) else any(word.text for word in line.words)
