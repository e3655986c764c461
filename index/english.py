"""What a line of an English page is by its own shape: the few set phrases that English papers print."""

from __future__ import annotations

import re
from datetime import datetime

from index.types import Span

_NAME = r"[A-Z][\w.'\u2019-]*"
_BYLINE = re.compile(rf"^(?:(?:Story|Text|Words)\s+)?[Bb]y\s+{_NAME}(?:,?\s+(?:and\s+|&\s+)?{_NAME}){{0,7}}$|^{_NAME}(?:\s+{_NAME}){{1,2}}, (?:staff )?(?:reporter|correspondent)$")
_PICTURE = re.compile(r"(?:Photos?|Pictures?|Images?)\s*(?:by|courtesy of|provided by|:|/)\s*[^.]{2,40}\.?$")
_CREDIT = re.compile(r"^(?:Editors?|Edited by|Copy editors?|Sub-?editors?|Layout|Page editors?|Proofread(?:er|ing)?)\s*[:/ ]\s*[A-Z]")
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
_DATE = re.compile(rf"\b{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b|\b\d{{1,2}}\s+{_MONTH}\s+\d{{4}}\b|^Page\s+[A-Z]?\d+\b")
PAPER = re.compile(rf"^(?:The\s+)?{_NAME}(?:\s+{_NAME}){{0,3}}\s+(?:Post|Times|Daily|News|Herald|Gazette|Tribune|Journal|Observer|Express|Chronicle|Weekly)$")
_SITE = re.compile(r"^(?:Home|Share|Print|Related (?:news|stories|articles)|Most (?:read|popular)|Copyright|All rights reserved|Subscribe|Follow us|Read more|Next|Previous)\b", re.I)
_END = re.compile(r"[.!?][\"'\u201d\u2019)\]]*(?=\s|$)")
_SHORTENED = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Vol|Inc|Ltd|Co|Jr|Sr|vs|Gov|Gen|Sen|Rep|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z]|\b[ap]\.m|\b[eU]\.[gS]|\bi\.e)\.$")
_HAN = re.compile(r"[\u3400-\u9fff]")


def is_english(text: str) -> bool:
    """Tell whether `text` is made of Latin words only: at least two of them and no Chinese character."""
    return not _HAN.search(text) and len(re.findall(r"[A-Za-z]{2,}", text)) >= 2


def english_label(text: str) -> tuple[str, str]:
    """Return label and reason of an English line by its own shape."""
    words = len(text.split())
    if _SITE.match(text) and words <= 12:
        return "site", "site furniture"
    if (_DATE.search(text) or PAPER.match(text)) and words <= 12 and not sentence_ends(text):
        return "site", "date, paper or number of the page"
    if _CREDIT.match(text) and words <= 16:
        return "credit", "names editors or proof-readers"
    if _BYLINE.match(text):
        return "byline", "names a reporter"
    if _PICTURE.search(text) and words <= 40:
        return ("photo-credit", "names a photographer") if words <= 5 else ("caption", "a photographer is named behind it")
    if words >= 5 and _END.search(text) or words > 14:
        return "body", "prose"
    return "short", "short, no sentence in it"


def english_date(text: str) -> str:
    """Return the day that is printed in English in `text` as ISO, "" when there is none."""
    found = re.search(rf"({_MONTH})\s+(\d{{1,2}}),?\s+(\d{{4}})|(\d{{1,2}})\s+({_MONTH})\s+(\d{{4}})", text)
    if not found:
        return ""
    month, day, year = found.groups()[:3] if found[1] else (found[5], found[4], found[6])
    try:
        return datetime.strptime(f"{month[:3]} {day} {year}", "%b %d %Y").date().isoformat()
    except ValueError:
        return ""


def sentence_ends(text: str) -> list[int]:
    """Return where English sentences end in `text`, behind their closing quotes; a shortened word (Mr., a.m.) ends none."""
    return [
        found.end() for found in _END.finditer(text)
        if text[found.start()] != "." or not _SHORTENED.search(text[: found.start() + 1]) and _goes_on(text, found.span())
    ]


def _goes_on(text: str, end: Span) -> bool:
    """Tell whether what stands behind a full stop begins like a sentence, or nothing does."""
    rest = text[end[1]:].lstrip()
    return not rest or bool(re.match(r"[\"'\u201c\u2018(]?[A-Z0-9\u3400-\u9fff]", rest))
