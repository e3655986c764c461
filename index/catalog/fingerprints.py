"""Recognise the same article printed twice: near-duplicates by MinHash over character shingles.

Two texts are compared only when they share a band of their MinHash signatures (Broder, "On the resemblance and
containment of documents", 1997; banding: Indyk and Motwani, STOC 1998), so one new article costs the same however many
are stored. What is found is then checked exactly: at least SAME of the shingles shared, and neither figures nor names
exchanged, because a form filled in anew is another piece of news and a reprint is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from index.text.normalize import HAN, fold, matching_form
from index.text.numbers import figures_in
from index.types import Article

SAME = 0.8
"""Share of shingles in common (Jaccard) from which two texts may be one article."""
SHORT = 60
"""Characters of body below which the headline belongs to the text: a caption alone is nobody's article."""
_SHINGLE = 5
_BANDS, _ROWS = 16, 5
"""Texts that share s of their shingles meet in some band with probability 1 - (1 - s^5)^16: 0.998 at 0.8, 0.04 at 0.3."""
_SEEDS = np.frombuffer(hashlib.shake_128(b"minhash").digest(16 * _BANDS * _ROWS), "<u8").reshape(2, -1)

_CREDIT = re.compile(
    r"\(?(?:本报|记者|通讯员)[^。,]{0,20}?(?:讯|电|摄)|(?<!\d)(?:\d+月)?\d+日(?:讯|电)|"
    r"\([^()]{0,12}(?:记者|通讯员)[^()]{0,20}\)"
)
_NAME = re.compile(rf"[{HAN}]{{2}}(?:社区|小区|街道|家属院|[村镇乡县区市路])|\b[A-Z][a-z]+(?: [A-Z][a-z]+)*")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a text: its digest, how many letters and digits it has, and one number a band (signed, 64 bits)."""

    digest: str
    length: int
    bands: tuple[int, ...]


def printed_text(article: Article) -> str:
    """Return the text by which an article is recognised: its sentences, after its headline where they are few."""
    body = "\n".join(s.text for p in article.paragraphs for s in p.sentences)
    return body if len(body) >= SHORT else f"{article.title}\n{body}"


def fingerprint(text: str) -> Fingerprint:
    """Return the fingerprint of a text; texts that differ in width and white space only have the same."""
    plain = _plain(text)
    shingles = _shingles(plain)
    signature = np.array([(shingles * a + b).min() for a, b in zip(_SEEDS[0] | np.uint64(1), _SEEDS[1], strict=True)])
    bands = (hashlib.blake2b(bytes([n]) + row.tobytes(), digest_size=8).digest()
             for n, row in enumerate(signature.reshape(_BANDS, _ROWS)))
    squeezed = "".join(matching_form(text).split())
    return Fingerprint(digest=hashlib.sha256(squeezed.encode("utf-8", "replace")).hexdigest(), length=len(plain),
                       bands=tuple(int.from_bytes(band, "big", signed=True) for band in bands))


def resemblance(left: str, right: str) -> float:
    """Return the share of shingles that two texts have in common, 0 to 1."""
    a, b = _shingles(_plain(left)), _shingles(_plain(right))
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)


def same_article(left: str, right: str, *, least: float = SAME) -> bool:
    """Tell whether one text is a reprint of the other, perhaps shortened, and not the same form with other facts.

    They have at least the share `least` of their shingles in common.
    """
    if resemblance(left, right) < least:
        return False
    left, right = (_CREDIT.sub(" ", " ".join(matching_form(text).split())) for text in (left, right))
    return not any(_exchanged(found(left), found(right)) for found in (figures_in, _names_in))


def clusters(lengths: Mapping[str, int], alike: Mapping[str, Set[str]]) -> list[list[str]]:
    """Return the digests in groups, the leading (longest) text of each first, whatever order they were added in.

    A group is a star (Aslam et al., "The star clustering algorithm", 2004): all in it resemble its leader, so no chain of
    small differences joins two different articles.
    """
    groups, taken = [], set()
    for digest in sorted(lengths, key=lambda d: (-lengths[d], d)):
        if digest not in taken:
            group = [digest, *sorted(alike.get(digest, frozenset()) - taken - {digest})]
            taken.update(group)
            groups.append(group)
    return groups


def _exchanged(left: set[str], right: set[str]) -> bool:
    """Tell whether each text holds what the other lacks; a text that only leaves some out says nothing else."""
    return bool(left - right) and bool(right - left)


def _names_in(text: str) -> set[str]:
    return set(_NAME.findall(text))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _shingles(plain: str) -> np.ndarray:
    """Return the hashes of all runs of _SHINGLE characters, uint64, sorted, each once; of a short text its one run."""
    codes = np.frombuffer(plain.ljust(_SHINGLE).encode("utf-32-le", "surrogatepass"), "<u4").astype("u8")
    hashes = np.zeros(len(codes) - _SHINGLE + 1, "u8")
    for i in range(_SHINGLE):
        hashes = hashes * np.uint64(0x100000001B3) + codes[i:i + len(hashes)]
    hashes ^= hashes >> np.uint64(31)  # the finaliser of splitmix64: near texts get far numbers
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    return np.unique(hashes ^ (hashes >> np.uint64(29)))

