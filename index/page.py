"""Label every line of a newspaper page: headline, byline, section, body, caption, credit, site furniture ...

A page is text as a newspaper's site or typesetter leaves it: several articles one after the other, with column
labels, photo captions and credits between them. Rules look at the shape of a line (length, punctuation, set phrases
of the trade) and at its neighbours, never at names of papers, towns or people. Each label carries its reason, so that
a librarian can see why a line was taken for what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from index.lines import (
    BRIEF,
    CONTINUER,
    INLINE_PHOTO,
    NAME,
    PLACE_ONLY,
    SITE,
    STANZA,
    STARTER,
    SURNAMES,
    TRAILING_BYLINE,
    Line,
    ends_open,
    label_alone,
    split_lines,
)


def label_lines(text: str) -> list[Line]:
    """Return the page's non-blank lines, each labelled."""
    lines = split_lines(text)
    for line in lines:
        label_alone(line)
    _mark_stanzas(lines)
    _mark_prose(lines)
    _mark_site_tail(lines)
    _mark_captions(lines)
    _mark_heads(lines)
    return lines


def _mark_stanzas(lines: list[Line]) -> None:
    """Take unbroken runs of short lines for text, on pages that are set like verse (as social media posts are)."""
    blocks: list[list[Line]] = []
    for line in lines:
        if blocks and line.gap == 0:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    stanzas = [block for block in blocks if len(block) > 1 and all(len(line.text) <= 30 for line in block)]
    if 2 * sum(map(len, stanzas)) < len(lines) or len(stanzas) < 5:
        return
    for stanza in stanzas:
        for line in stanza:
            if line.label in ("body", "short"):
                line.name("body", STANZA)


def _mark_prose(lines: list[Line]) -> None:
    """Turn short lines that are pieces of a sentence into body; backwards, as a piece is known by what follows it."""
    for line, following in reversed(list(pairwise(lines))):
        if line.label != "short" or following.label != "body" or not ends_open(line.text) \
                or following.why == STANZA and following.gap:
            continue
        first_piece = re.split(r"[,。;]", following.text)[0]
        if line.text[-1] in ",、":
            line.name("body", "ends with a comma, and text follows")
        elif re.search(r"[,、:]", line.text) and (CONTINUER.match(following.text) or len(first_piece) <= 2):
            line.name("body", "piece of a sentence that the next line continues")


def _mark_site_tail(lines: list[Line]) -> None:
    """Label everything behind the last article's credit or site line, when nothing there reads like an article."""
    tail = len(lines)
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if line.label in ("credit", "site"):
            tail = i
        elif line.label != "short" and not (line.label == "body" and SITE.search(line.text)):
            break
    for line in lines[tail:]:
        if line.label not in ("credit", "site"):
            line.name("site", "behind the page's last credit or site line")


def _mark_captions(lines: list[Line]) -> None:
    usual_gap = Counter(line.gap for line in lines[1:]).most_common(1)[0][0] if len(lines) > 1 else 0
    bodies = [line for line in lines if line.label == "body"]
    indented = sum(line.indented for line in bodies) * 2 > len(bodies)
    for i, line in enumerate(lines):
        if line.label != "body" or line.why == STANZA or BRIEF.match(line.text):
            continue
        before = lines[i - 1] if i else None
        after = lines[i + 1] if i + 1 < len(lines) else None
        single = len(re.findall(r"[。!?]", line.text)) <= 1 and len(line.text) <= 45 and not ends_open(line.text)
        if INLINE_PHOTO.search(line.text) or (after is not None and after.label == "photo-credit"):
            line.name("caption", "a photographer is named behind it")
        elif re.match(r"^[▲△↑→←▼◀▶]?\s*(?:上|下|左|右)?图[为::是片]", line.text) and len(line.text) <= 80:
            line.name("caption", "says what the photo shows")
        elif not single or len(line.text) < 8 or after is None:
            continue
        elif line.gap > usual_gap and (before is None or before.label != "body" or after.label != "body"
                                       or ends_open(before.text)):
            line.name("caption", "one sentence set off by a photo's gap")
        elif indented and not line.indented and before is not None and before.label != "body":
            line.name("caption", "not indented as the text is, before the text begins")
        elif before is not None and before.label == "body" and ends_open(before.text) and after.label == "body" \
                and _fits(before, after, lines) > _fits(before, line, lines):
            line.name("caption", "stands inside a sentence that the next line continues")


def _fits(before: Line, after: Line, lines: list[Line]) -> int:
    """Score how well `after` continues the sentence that `before` leaves open."""
    pair = before.text[-1] + after.text[0]
    seen = sum(pair in line.text for line in lines)
    return 2 * bool(CONTINUER.match(after.text)) + min(seen, 2) - 2 * bool(STARTER.match(after.text))


def _mark_heads(lines: list[Line]) -> None:
    """Give roles to the short lines between two pieces of text: an article's head, or section heads."""
    i = 0
    while i < len(lines):
        if lines[i].label in ("body", "caption"):
            i += 1
            continue
        j = i
        while j < len(lines) and lines[j].label not in ("body", "caption"):
            j += 1
        _mark_run(lines, i, j)
        i = j
    for k, line in enumerate(lines):
        # A captioned photo that stands right behind an article's text and before the next head is an item of its own.
        if k and line.label == "caption" and lines[k - 1].label == "body" and line.gap and _is_photo_news(lines, k) \
                and ends_open(lines[k - 1].text):
            line.name("body", "the text of photo news without a headline")
            line.opens = True


def _mark_run(lines: list[Line], i: int, j: int) -> None:
    before = lines[i - 1] if i else None
    run = lines[i:j]
    while run and before is not None and run[0].label == "photo-credit":
        run = run[1:]
    heads = [line for line in run if line.label in ("short", "byline", "subtitle")]
    _mark_bare_names(heads)
    shorts = [line for line in heads if line.label == "short"]
    text = lines[j] if j < len(lines) else None
    reason = _opens_article(before, run, heads, shorts, lines, j)
    photo_news = _is_photo_news(lines, j)
    if photo_news and (reason or shorts):
        reason = reason or "photo news follows"
        lines[j].name("body", "the text of photo news")
    if not reason:
        for line in shorts:
            line.name("section", "alone between paragraphs, no byline near")
        if before is not None and photo_news and text is not None:
            text.opens = True
            text.name("body", "the text of photo news")
        return
    _assign(heads, reason, lines)
    first = heads[0] if heads else text
    if first is not None:
        first.opens = True


def _mark_bare_names(heads: list[Line]) -> None:
    if any(line.label == "byline" for line in heads):
        return
    for above, line in pairwise(heads):
        if (line.label == "short" and NAME.match(line.text) and line.text[0] in SURNAMES and len(line.text) <= 3
                and len(above.text) > 4):
            line.name("byline", "a bare name under a headline")
            return


def _opens_article(before: Line | None, run: list[Line], heads: list[Line], shorts: list[Line],
                   lines: list[Line], j: int) -> str:
    """Return why this run opens an article, or "" when its short lines are section heads."""
    if j >= len(lines) or not (heads or before is None):
        return ""
    if before is None:
        return "first on the page"
    for label, why in (("byline", "a byline stands here"), ("subtitle", "a sub-headline stands here")):
        if any(line.label == label for line in heads):
            return why
    if BRIEF.match(lines[j].text):
        return "a news brief follows"
    if not shorts:
        return ""
    if any(line.label == "credit" for line in run):
        return "credits stand before it"
    if TRAILING_BYLINE.search(before.text):
        return "the article before ends with its byline"
    if len(shorts) >= 2 and (_is_label(shorts[0]) or _is_label(shorts[-1]) or PLACE_ONLY.match(shorts[0].text)):
        return "a column label or place stands with it"
    return ""


def _is_photo_news(lines: list[Line], j: int) -> bool:
    """Tell whether lines[j] is a caption that no article's text follows: an item of its own."""
    if j >= len(lines) or lines[j].label != "caption" or "photographer" not in lines[j].why:
        return False
    k = j + 1
    while k < len(lines) and lines[k].label in ("photo-credit", "credit", "site"):
        k += 1
    if k >= len(lines):
        return True
    return lines[k].label not in ("body", "caption")


def _is_label(line: Line) -> bool:
    return len(line.text) <= 4 or bool(re.search(r"[①-⑳㉑-㉟]$|专栏$|系列报道|^[【\[].+[】\]]$|^[★☆◆].{1,12}$", line.text))


def _assign(heads: list[Line], reason: str, lines: list[Line]) -> None:
    """Name the lines of an article's head, from its headline outwards."""
    anchor = next((k for k, line in enumerate(heads) if line.label in ("byline", "subtitle")), len(heads))
    above = [line for line in heads[:anchor] if line.label == "short"]
    for line in heads[anchor:]:
        if line.label == "short":
            line.name("label", "short line between byline and text")
    if not above:
        return
    while len(above) > 1 and _is_label(above[-1]) and not _is_label(above[-2]):
        above.pop().name("label", "column label")
    if len(above) == 1 and _is_column(above[0], lines):
        above[0].name("label", "the text calls it a column")
        return
    headline = above.pop()
    headline.name("headline", reason)
    while above:
        line, below = above.pop(), headline
        if PLACE_ONLY.match(line.text) and len(line.text) <= 16:
            line.name("kicker", "a place alone above a headline")
        elif _is_label(line):
            line.name("label", "column label above a headline")
        elif below.gap == 0 and line.gap > 0 or _is_wrapped(line.text):
            line.name("headline", "first part of a wrapped headline")
            headline = line
        else:
            line.name("label", "line above a headline")


def _is_column(line: Line, lines: list[Line]) -> bool:
    """Tell whether the page's text speaks of a column by the name that stands on `line`."""
    name = f"《{line.text}》"
    return any(name + kind in other.text for other in lines for kind in ("栏目", "专栏"))


def _is_wrapped(text: str) -> bool:
    return bool(re.search(r"[、,的与和及“《]$", text)) or any(text.count(a) > text.count(b) for a, b in ("“”", "《》"))
