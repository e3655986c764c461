"""Put the cited stretches of sentences into <mark> by their offsets.

Ids tie the page together: the marker [2] of answer 3 links to #cite-3-2, the id of a <mark> in the panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from assistant.templates.environment import escape
from assistant.types import Citation
from index.types import Sentence

Cited = tuple[int, Citation]
"""A citation with the number of the answer that makes it."""

def anchor(key: int, citation: Citation) -> str:
    """Return the id that the marker of `citation` in answer `key` links to."""
    return f"cite-{key}-{citation.number}"


def marked(sentences: Sequence[Sentence], cited: Sequence[Cited], *, anchors: bool = False) -> Markup:
    """Return the sentences as HTML, cited stretches in <mark>; with `anchors` the first has the id."""
    out: list[str] = []
    anchored: set[str] = set()
    for sentence in sentences:
        if out and sentence.text[:1].isascii() and sentence.text[:1].isalnum():
            out.append(" ")
        for piece, owners in _pieces(sentence, cited):
            ids = [name for name in (anchor(*owner) for owner in owners) if anchors and name not in anchored]
            anchored.update(ids)
            out.append(mark(piece, owners, ids) if owners else escape(piece))
    return Markup("".join(out))


def mark(piece: str, owners: Sequence[Cited], ids: Sequence[str] = ()) -> Markup:
    """Return one <mark> that names its citations; a second id for the same piece sits on an empty span."""
    names = " ".join(f"{key}-{citation.number}" for key, citation in owners)
    first = f' id="{ids[0]}"' if ids else ""
    others = "".join(f'<span id="{name}"></span>' for name in ids[1:])
    numbers = "".join(f'<sup data-of="{key}">{citation.number}</sup>' for key, citation in owners)
    return Markup(f'<mark{first} data-cite="{names}">{others}{numbers}{escape(piece)}</mark>')


def _pieces(sentence: Sentence, cited: Sequence[Cited]) -> Iterator[tuple[str, list[Cited]]]:
    """Cut a sentence where the set of citations that cover it changes."""
    near = [owner for owner in cited if owner[1].start < sentence.end and sentence.start < owner[1].end]
    if not near:
        yield sentence.text, []
        return

    def owners(placed: tuple[str, int]) -> list[Cited]:
        return [owner for owner in near if any(start <= placed[1] < end for start, end in owner[1].spans)]

    offsets = (offset for start, end in sentence.spans for offset in range(start, end))
    for covering, placed in groupby(zip(sentence.text, offsets, strict=True), key=owners):
        yield "".join(character for character, _ in placed), covering
