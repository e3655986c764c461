"""Bytes to text: the encoding found, line ends made \\n, the byte-order mark dropped; nothing else changed."""

from __future__ import annotations

import codecs
from functools import cache

from index.errors import FileError
from index.messages import FileProblem

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_OTHERS = {
    b"%PDF-": FileProblem.IS_PDF, b"PK\x03\x04": FileProblem.IS_ZIP, b"\xd0\xcf\x11\xe0": FileProblem.IS_OLD_OFFICE,
    b"\xff\xd8\xff": FileProblem.IS_PICTURE, b"\x89PNG": FileProblem.IS_PICTURE, b"{\\rtf": FileProblem.IS_RTF,
    b"\x1f\x8b": FileProblem.IS_GZIP,
}
_CHINESE = ("gb18030", "big5hkscs")


def decode(raw: bytes, file: str, declared: str = "") -> tuple[str, str]:
    """Return the text of `raw` and the encoding that was found; FileError when it is no text.

    `declared` is what the file itself says (a page's meta charset): it is asked after UTF-8, which cannot be mistaken.
    """
    for start, problem in _OTHERS.items():
        if raw.startswith(start):
            raise FileError(problem, file=file)
    marked = next((encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", *_declared(declared), *_likelier(raw)]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise FileError(FileProblem.NOT_TEXT, file=file)


def _declared(name: str) -> list[str]:
    """Return the codec of a declared charset; GBK and Big5 by the wider names under which they are really used."""
    wider = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a name with a null in it
        return []
    # Codecs that are not of text (zip, rot13) are known to `lookup` too.
    return [wider.get(known, known)] if known in _TEXT_CODECS else []


_TEXT_CODECS = {"gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950", "utf-8", "utf-16", "utf-16-le", "utf-16-be",
                "iso8859-1", "cp1252", "ascii"}


def _likelier(raw: bytes) -> list[str]:
    """Return the two Chinese encodings, the likelier first: the one whose text is written in everyday characters.

    Nearly any bytes of one are also valid in the other, as characters that nobody uses.
    """
    sample = raw[:40_000]
    return sorted(_CHINESE, key=lambda encoding: -_everyday(sample.decode(encoding, "ignore")))


def _everyday(text: str) -> float:
    """Return the share of everyday characters among those beyond ASCII."""
    beyond = [character for character in text if character > "\x7f"]
    return sum(character in _common() for character in beyond) / len(beyond) if beyond else 0.0


@cache
def _common() -> frozenset[str]:
    """Return the first levels of GB 2312 (3,755 characters) and Big5 (5,401), with the punctuation of Chinese text."""
    gb = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    big5 = bytes(b for row in range(0xA4, 0xC7) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)) for b in (row, cell))
    marks = "\u3000\u3001\u3002\u300a\u300b\u300c\u300d\u201c\u201d\u2014\u2026\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
    return frozenset(gb.decode("gb2312", "ignore") + big5.decode("big5", "ignore") + marks)
