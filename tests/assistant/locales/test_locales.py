"""The words of the pages, in both languages. Run: python -m pytest -q tests/assistant/locales/test_locales.py"""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.locales.loader import LANGUAGES, words

ROOM = Path(__file__).resolve().parents[3] / "assistant"
SOURCES = {path: path.read_text("utf-8") for kind in ("py", "html", "js") for path in ROOM.rglob(f"*.{kind}")}
CODE = "\n".join(SOURCES.values())


def said(language: str) -> dict[str, str]:
    """Return every word by its dotted key: section.key, or refusals.code.title."""
    spoken = words(language)
    shared = spoken.shared
    found = {f"shared.{key}": text for key, text in shared.items()}
    for name in spoken.__dataclass_fields__:
        for key, value in getattr(spoken, name).items():
            if name == "refusals":
                found |= {f"refusals.{key}.title": value.title, f"refusals.{key}.hint": value.hint}
            elif key not in shared:
                found[f"{name}.{key}"] = value
    return found


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things_with_the_same_gaps() -> None:
    chinese, english = said("zh"), said("en")
    assert chinese.keys() == english.keys()
    assert {key: gaps(text) for key, text in chinese.items()} == {key: gaps(text) for key, text in english.items()}
    assert not [key for key, text in (chinese | english).items() if not text.strip()]


def test_each_language_is_written_in_its_own_script() -> None:
    chinese = {key: text for key, text in said("zh").items() if re.search(r"\w", text)}
    assert {key for key, text in chinese.items() if not re.search(r"[\u4e00-\u9fff]", text)} == {"shared.code", "shared.lang"}
    assert {key for key, text in said("en").items() if re.search(r"[\u4e00-\u9fff]", text)} == {"shared.name"}


def test_a_section_never_hides_a_shared_word() -> None:
    for language in LANGUAGES:
        spoken = words(language)
        for name in spoken.__dataclass_fields__.keys() - {"refusals"}:
            assert {key: getattr(spoken, name)[key] for key in spoken.shared} == dict(spoken.shared), name


def names_of(key: str) -> Iterator[str]:
    """Yield the ways in which code may name a word: by its key, by an attribute of a template, or built from a prefix."""
    own = key.split(".")[1]
    yield rf"""["']{own}["']"""
    yield rf"\b(?:text|words)\.{own}\b"
    if "_" in own:
        prefix = own.partition("_")[0]
        yield rf"""f["']{prefix}_\{{|"{prefix}_" ~"""


def test_every_word_is_used() -> None:
    assert not [key for key in said("zh") if not any(re.search(pattern, CODE) for pattern in names_of(key))]


def test_every_word_that_is_used_exists() -> None:
    own = {key.split(".")[1] for key in said("zh")}
    named = {name for path, text in SOURCES.items() if "locales.loader" in text or path.suffix == ".html"
             for name in re.findall(r"""\b(?:_?text|shared|words\(\w+\)\.\w+)\[["']([\w-]+)["']\]""", text)}
    named |= {name for path, text in SOURCES.items() if path.suffix == ".html" for name in re.findall(r"\btext\.(\w+)", text)}
    assert named - own == set()
    assert len(named) > 100


def test_a_language_or_a_word_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        words("fr")
    with pytest.raises(KeyError, match="'sned'"):
        words("zh").chat["sned"]
