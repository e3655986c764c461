"""Find the words to photos among a page's prose: by what stands around them, and by what such words never hold."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from index.pages.line_labels import BRIEF, CONTINUER, HEAD_LABELS, INLINE_PHOTO, SET, STARTER, Line, ends_open
from index.pages.line_reasons import LineReason
from index.text.dates import states_date
from index.text.speech import words_of

_SAYS_PICTURE = re.compile(r"^[▲△↑→←▼◀▶]?\s*(?:上|下|左|右)?图 ?[①-⑳\d]{0,2} ?[为:是片]|^[▲△▼]?\s*资料图片")
_IN_PICTURE = re.compile(r"[(](?:左|右|中|前|后|上|下)(?:[一二三四五]|排.{0,3}|者)?[)]")
_CREDITED = re.compile(r"^.{6,60}(?:供图|摄|摄影|资料图片?|资料照片|航拍)[)]?$")
_SHOWN = (
    "居民|村民|老人|老年人|志愿者|党员|干部|群众|孩子|学生|儿童|工作人员|网格员|调解员|楼栋长|成员|业主|市民|队员|民警|医生|医护人员|师傅|"
    "社区工作者|社工|小朋友|骑手|牧民|农户|工人|商户|代表"
)
_SCENE = re.compile(rf"^[^,;:“”!?]{{0,12}}(?:{_SHOWN})[^,;:“”!?]{{0,8}}(?:在|到|为|向|给|正|与|和|组织|开展|参加|参观|清|用|扫码|查看|体验)[^,;:“”!?]{{2,20}}[。]$")
_THING = re.compile(r"^[^,;:“”!?]{2,14}的[^,;:“”!?的]{2,10}[。]$")
_TELLS = re.compile("[了着过是说才有都就也却但还又很最更让被把将会能要已没不这那我你他她它]")
"""What tells a story, and so is not found in the words to a photo; as a word of its own: 就餐 tells nothing."""
_COUNTED = re.compile(r"[\d一二三四五六七八九十]+[%个户名次年月元]")
_TELLING_WORD = re.compile("^[没不]|[了着过]$")
_GRAMMAR = "drucpy"
"""First letters of the parts of speech that hold a sentence together."""
_DATED = re.compile(r"^(?:\d{1,2}月\d{1,2}日|近日|日前|昨[日天])")
"""How photo news begins, and the words to an article's photo do not."""
_PHOTO_NEWS = (LineReason.PHOTO_NEWS, LineReason.PHOTO_NEWS_ALONE)
_LONGEST = 26
_LONGEST_CREDITED = 150
_ARROWS = "▲△↑→←▼▽◀▶"
_UNITS = "件个户名次万亿元多余人年月日栋幢套家场条项米岁%."
"""What goes on behind a number at a line's end."""


def mark_captions(lines: list[Line]) -> None:
    """Label captions; what is left `body` is taken for text."""
    bodies = [line for line in lines if line.label == "body"]
    gap = _usual_gap(lines)
    indented = sum(line.indented for line in bodies) * 2 > len(bodies)
    pictured = _has_photos(lines)
    pairs = Counter(pair for line in lines for pair in {a + b for a, b in pairwise(line.text)})
    for i, line in enumerate(lines):
        if line.label == "short" and line.text.startswith("图为"):
            line.name("caption", LineReason.PHOTO_SHOWS)
        elif line.label == "short" and (_CREDITED.match(line.text) or _IN_PICTURE.search(line.text) and len(line.text) > 10):
            credited = _CREDITED.match(line.text)
            line.name("caption", LineReason.PHOTOGRAPHER_BEHIND if credited else LineReason.WHO_WHERE)
        if line.label != "body" or line.reason in SET or BRIEF.match(line.text):
            continue
        before = lines[i - 1] if i else None
        after = lines[i + 1] if i + 1 < len(lines) else None
        reason = _caption_reason(line, before, after, pairs, gap=gap, indented=indented, pictured=pictured)
        if reason:
            line.name("caption", reason)


def _usual_gap(lines: list[Line]) -> int:
    """Return the blank lines between paragraphs, or between any lines where no two paragraphs follow each other."""
    inside = [line.gap for before, line in pairwise(lines)
              if before.label == line.label == "body" and before.reason is not LineReason.LETTER_BEGINS]
    return Counter(inside or [line.gap for line in lines[1:]] or [0]).most_common(1)[0][0]


def _has_photos(lines: list[Line]) -> bool:
    return any(
        line.label in ("caption", "photo-credit") or line.label == "byline" and re.search(r"[文图]/|/[文图]|图", line.text)
        or line.label == "body" and INLINE_PHOTO.search(line.text) for line in lines
    )


def _caption_reason(line: Line, before: Line | None, after: Line | None, pairs: Counter[str], *,
                    gap: int, indented: bool, pictured: bool) -> LineReason | None:
    """Return why a line of prose is a caption, None when it is text."""
    text = line.text
    single = len(re.findall(r"[。!?]", text)) <= 1 and len(text) <= 45 and not ends_open(text)
    shown = len(text) <= _LONGEST and bool(_SCENE.match(text) or _THING.match(text)) and not _tells(text)
    credited, under = INLINE_PHOTO.search(text), after is not None and after.label == "photo-credit"
    if len(text) <= _LONGEST_CREDITED and (credited and not _begins_the_text(text[:credited.start()], before, after)
                                           or under and not _ends_the_text(line, before, gap)):
        return LineReason.PHOTOGRAPHER_BEHIND
    if (_SAYS_PICTURE.match(text) or _IN_PICTURE.search(text) and single) and len(text) <= 80:
        return LineReason.PHOTO_SHOWS
    if text[0] in _ARROWS and single and not any(other and other.text[0] == text[0] for other in (before, after)):
        return LineReason.ARROW  # several of them one below the other are the items of a list
    if not single or len(text) < 8 or after is None:
        return None
    inside = before is not None and before.label == "body" and ends_open(before.text) and after.label == "body"
    leads = before is None or before.label != "body"
    breaks_in = not leads and ends_open(before.text)
    # Text under a headline or above a section head stands apart too: a story is no photo's words, and a page without
    # photos has none.
    apart = breaks_in or pictured and (leads or after.label != "body") and (shown or not _is_story(text))
    if line.gap > gap and apart:
        return LineReason.PHOTO_GAP
    if indented and not line.indented and not inside and len(text) <= _LONGEST and after.indented \
            and (not leads or shown or not _is_story(text)):
        return LineReason.NOT_INDENTED
    if inside and _fits(before, after, pairs) > _fits(before, line, pairs):
        return LineReason.INSIDE_SENTENCE
    if shown:
        scene = bool(_SCENE.match(text))
        if inside and not CONTINUER.match(text) and _fits(before, after, pairs) + scene >= _fits(before, line, pairs):
            return LineReason.SCENE_INSIDE_SENTENCE
        if pictured and (before is None or not ends_open(before.text) or before.label != "body"):
            return LineReason.SCENE
    return None


def _begins_the_text(text: str, before: Line | None, after: Line | None) -> bool:
    """Tell whether the story that text goes on with begins here, under its head: a photographer may be named behind it too."""
    leads = before is not None and before.label in (*HEAD_LABELS, "short", "site") and after is not None and after.label == "body"
    return leads and _is_story(text) and "图" not in text and not _DATED.match(text)


def _ends_the_text(line: Line, before: Line | None, gap: int) -> bool:
    """Tell whether a paragraph of several sentences follows another one as all of them do: the credit under it is that of a
    photo which stood beside the text."""
    return (before is not None and before.label == "body" and not ends_open(before.text) and line.gap <= gap
            and len(re.findall(r"[。!?]", line.text)) > 1 and not re.search(f"图|^[{_ARROWS}]", line.text) and not _DATED.match(line.text))


def _tells(text: str) -> bool:
    return bool(_COUNTED.search(text)) or any(
        _TELLS.search(word) and (len(word) == 1 or tag[0] in _GRAMMAR or _TELLING_WORD.search(word))
        for _, _, word, tag in words_of(text))


def _is_story(text: str) -> bool:
    """Tell whether a sentence has what belongs to a story: its words, a day, or something counted."""
    return _tells(text) or states_date(text) or any(tag == "m" for *_, tag in words_of(text))


def _fits(before: Line, after: Line, pairs: Counter[str]) -> int:
    """Score how well `after` continues the sentence that `before` leaves open; `pairs` tells on how many lines two
    characters stand side by side."""
    pair = before.text[-1] + after.text[0]
    counted = before.text[-1].isdigit() and after.text[0] in _UNITS
    return 4 * counted + 2 * bool(CONTINUER.match(after.text)) + min(pairs[pair], 2) - 2 * bool(STARTER.match(after.text))


def mark_photo_news(lines: list[Line]) -> None:
    """Let a captioned photo right behind an article's text and before the next head be an item of its own."""
    for k, line in enumerate(lines):
        if k and line.label == "caption" and lines[k - 1].label == "body" and line.gap and is_photo_news(lines, k) \
                and (ends_open(lines[k - 1].text) or lines[k - 1].reason in _PHOTO_NEWS or _DATED.match(line.text)):
            line.name("body", LineReason.PHOTO_NEWS_ALONE)
            line.opens = True


def is_photo_news(lines: list[Line], j: int) -> bool:
    """Tell whether lines[j] is a caption that no article's text follows: an item of its own."""
    if j >= len(lines) or not _is_credited(lines[j]):
        return False
    k = j + 1
    while k < len(lines) and lines[k].label in ("photo-credit", "credit", "site"):
        k += 1
    if k >= len(lines):
        return True
    return lines[k].label not in ("body", "caption") or _is_credited(lines[k])


def _is_credited(line: Line) -> bool:
    return line.label == "caption" and line.reason is LineReason.PHOTOGRAPHER_BEHIND
