"""What a line of an English page is by its own shape: the few set phrases that English papers print."""

from __future__ import annotations

import re

from index.pages.line_reasons import LineReason
from index.text.dates import MONTH
from index.text.sentences import ENGLISH_END, sentence_ends

_NAME = r"[A-Z][\w.'\u2019-]*"
_BYLINE = re.compile(rf"^(?:(?:Story|Text|Words)\s+)?[Bb]y\s+{_NAME}(?:,?\s+(?:and\s+|&\s+)?{_NAME}){{0,7}}$|^{_NAME}(?:\s+{_NAME}){{1,2}}, (?:staff )?(?:reporter|correspondent)$")
_PICTURE = re.compile(r"(?:Photos?|Pictures?|Images?)\s*(?:by|courtesy of|provided by|:|/)\s*[^.]{2,40}\.?$")
_CREDIT = re.compile(r"^(?:Editors?|Edited by|Copy editors?|Sub-?editors?|Layout|Page editors?|Proofread(?:er|ing)?)\s*[:/ ]\s*[A-Z]")
_DATE = re.compile(rf"\b{MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b|\b\d{{1,2}}\s+{MONTH}\s+\d{{4}}\b|^Page\s+[A-Z]?\d+\b")
PAPER = re.compile(rf"^(?:The\s+)?{_NAME}(?:\s+{_NAME}){{0,3}}\s+(?:Post|Times|Daily|News|Herald|Gazette|Tribune|Journal|Observer|Express|Chronicle|Weekly)$")
_SITE = re.compile(r"^(?:Home|Share|Print|Related (?:news|stories|articles)|Most (?:read|popular)|Copyright|All rights reserved|Subscribe|Follow us|Read more|Next|Previous)\b", re.I)


def english_label(text: str) -> tuple[str, LineReason]:
    """Return label and reason of an English line by its own shape."""
    words = len(text.split())
    if _SITE.match(text) and words <= 12:
        return "site", LineReason.FURNITURE
    if (_DATE.search(text) or PAPER.match(text)) and words <= 12 and not sentence_ends(text):
        return "site", LineReason.PAGE_FOLIO
    if _CREDIT.match(text) and words <= 16:
        return "credit", LineReason.EDITORS
    if _BYLINE.match(text):
        return "byline", LineReason.REPORTER
    if _PICTURE.search(text) and words <= 40:
        return ("photo-credit", LineReason.PHOTOGRAPHER) if words <= 5 else ("caption", LineReason.PHOTOGRAPHER_BEHIND)
    if words >= 5 and ENGLISH_END.search(text) or words > 14:
        return "body", LineReason.PROSE
    return "short", LineReason.SHORT
