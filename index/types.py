"""The nouns of the index: what a newspaper page becomes on its way to a search result.

    Source   one decoded file, with what its format or the librarian says about it (Metadata, Heading)
    Article  one article of that file, its paragraphs and their sentences
    Passage  whole sentences of one paragraph (or a few short ones): the unit of search
    Retrieved  a passage with its scores for one question

Offsets are characters of the file's decoded text. A sentence that a line end or a photo caption broke has several
spans; its text is always exactly the join of the file's text at its spans.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
"""Start and end (exclusive) in characters of the decoded text of one file."""


def text_at(text: str, spans: tuple[Span, ...]) -> str:
    """Return the join of `text` at `spans`."""
    return "".join(text[start:end] for start, end in spans)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a file's article from elsewhere than its text; "" where nothing is said.

    `date` is ISO (YYYY-MM-DD), `source` the newspaper. `single` says that the text is one article; so does a `title`,
    which is its headline. All of it wins over what is read off the page.
    """

    title: str = ""
    byline: str = ""
    source: str = ""
    date: str = ""
    place: str = ""
    url: str = ""
    single: bool = False

    @property
    def is_single(self) -> bool:
        return self.single or bool(self.title)


NOTHING = Metadata()
"""Nothing is said."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a librarian says of one article in place of what was read.

    None where what was read stays, "" where a librarian says that it is unknown; `date` is ISO.
    """

    title: str | None = None
    source: str | None = None
    date: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that the file's format marks: where it stands in the text, and its level (the smaller, the higher)."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read: `file` is its name in citations, `path` where it was read.

    `text` is what citations count in: the decoded text of a text file, the extracted text of others. `sha256` (hex) is
    of the bytes, and of the librarian's metadata where there is some: it changes when either does. `container` is the path
    of the archive or table that holds it, "" when it is a file of its own.
    """

    file: str
    path: str
    text: str
    sha256: str
    encoding: str
    metadata: Metadata = NOTHING
    headings: tuple[Heading, ...] = ()
    container: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: exact text, its spans in the file, and the nearest true place it speaks about.

    `chain` is that place with the places it lies in, the widest first; () when it is unknown.
    """

    spans: tuple[Span, ...]
    text: str
    chain: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The place as a newspaper writes it (某区某街道某社区), "" when it is unknown."""
        return "".join(self.chain)

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


def first_place(sentences: Iterable[Sentence]) -> str:
    """Return the first place that one of the sentences speaks about, "" when none is known."""
    return next((s.place for s in sentences if s.place), "")


class SentenceRole(StrEnum):
    """What a sentence does in a report of a case."""

    PROBLEM = "problem"
    MEASURE = "measure"
    RESULT = "result"
    PLAN = "plan"
    VOICE = "voice"
    PRAISE = "praise"
    BACKGROUND = "background"
    HEADLINE = "headline"


TELLING = (SentenceRole.PROBLEM, SentenceRole.MEASURE, SentenceRole.RESULT)
"""The roles that tell a case: what was wrong, what was done, what came of it."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive sentences printed as one paragraph; `section` is the section head above it ("" if none)."""

    sentences: tuple[Sentence, ...]
    section: str = ""


@dataclass(frozen=True, slots=True)
class Printing:
    """Another place where an article is printed too: a reprint in another paper, or the page stored twice."""

    article_id: str
    file: str
    title: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a page.

    `source` is the newspaper and `date` is ISO (YYYY-MM-DD); both "" when the page does not say. `place` is the place
    the article as a whole is about. `start` and `end` enclose headline and body in the file; what is turned over to a later
    page of the same file lies behind `end`. `also_in` are its other printings; search
    finds the passages of one of them only.
    """

    id: str
    file: str
    title: str
    start: int
    end: int
    paragraphs: tuple[Paragraph, ...]
    subtitle: str = ""
    kicker: str = ""
    label: str = ""
    byline: str = ""
    source: str = ""
    date: str = ""
    place: str = ""
    also_in: tuple[Printing, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article, the unit of search. `heading` (title, section, place) is embedded with it."""

    id: str
    article_id: str
    sentences: tuple[Sentence, ...]
    heading: str = ""

    @property
    def text(self) -> str:
        return "".join(s.text for s in self.sentences)

    @property
    def place(self) -> str:
        """The first place that a sentence speaks about, "" when none is known."""
        return first_place(self.sentences)

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


@dataclass(frozen=True, slots=True)
class CaseSentence:
    """A sentence of a case, the passage that holds it, and what it does in the telling."""

    passage_id: str
    sentence: Sentence
    role: SentenceRole


@dataclass(frozen=True, slots=True)
class Case:
    """One place doing something about one need, as one article tells it; it has at least one measure.

    `chain` is the place with the places it lies in, the widest first; () when it is unknown.
    """

    id: str
    article_id: str
    chain: tuple[str, ...]
    sentences: tuple[CaseSentence, ...]

    @property
    def place(self) -> str:
        return "".join(self.chain)

    @property
    def telling(self) -> tuple[CaseSentence, ...]:
        """The sentences that tell a problem, a measure or a result."""
        return tuple(s for s in self.sentences if s.role in TELLING)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage found for a question.

    `score` is the fused score in [0, 1], relative to this question's candidates; `dense` is the cosine of passage and
    question, `lexical` its BM25 score (0 when no term is shared); `sentence_dense` holds one cosine a sentence.
    """

    passage: Passage
    article: Article
    score: float
    dense: float
    lexical: float
    sentence_dense: tuple[float, ...]

    @property
    def place(self) -> str:
        """The first place that the passage speaks about, else that of its article."""
        return self.passage.place or self.article.place


@dataclass(frozen=True, slots=True)
class RetrievedCase:
    """A case found for a question, with the passages that tell it.

    `score` is that of its best passage among this question's candidates, in [0, 1]; `near` the cosine of case and question
    in the space of cases.
    """

    case: Case
    article: Article
    passages: tuple[Retrieved, ...]
    score: float
    near: float
