"""The names in a claim that it may not make up: people, places, quoted titles, Latin words."""

from __future__ import annotations

import re

from index.text.language import language_of
from index.text.normalize import HAN
from index.text.people import people_in
from index.text.places import find_mentions

_QUOTED = re.compile(r"《([^》]{1,30})》|“([^”]{2,14})”")
_LATIN = re.compile(r"[A-Za-z][A-Za-z]+")
_CAPITAL = re.compile(r"(?:^(?=[A-Z][a-z]+ [A-Z])|(?<=[a-z,;:’'\d] ))[A-Z][a-z]+(?:[ -][A-Z][a-z]+)*")
_COMMON_CAPITALS = frozenset(
    ["community", "communities", "street", "subdistrict", "district", "city", "town", "township", "village", "county", "province", "party", "secretary", "committee", "residents", "resident", "center", "centre", "road", "lane", "building", "china", "chinese", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "i", "the", "in", "on", "at", "director", "mr", "mrs", "ms", "and", "of", "for", "by", "yuan", "daily", "news", "evening", "morning", "neighborhood", "neighbourhood", "service", "property", "management", "company", "garden"])
_PLACE_END = re.compile(f"[{HAN}](?:社区|街道|小区)")
_GENERIC_LAST = set("旧业管他她它个该本各型慧范边近闭新地多些一两三四五六七八九十的在到是每全整小大众哪某这那和与及户老市辖属家居下合院式入进在由把被让给对向从")
"""Characters that no name of a place ends with: 老旧小区, 其他社区, 该社区."""


def names_in(text: str) -> list[str]:
    """Return the names that a claim may not make up: people, places, quoted titles and, in Chinese text, Latin words."""
    if language_of(text) == "en":
        return [word for run in _CAPITAL.findall(text) for word in run.replace("-", " ").split()
                if word.lower() not in _COMMON_CAPITALS and word.lower().rstrip("s") not in _COMMON_CAPITALS]
    names = [a or b for a, b in _QUOTED.findall(text)]
    names += [part for mention in find_mentions(text) for part in mention.parts]
    names += people_in(text)
    names += [m[0] for m in _PLACE_END.finditer(text) if m[0][0] not in _GENERIC_LAST]
    return [*names, *_LATIN.findall(text)]
