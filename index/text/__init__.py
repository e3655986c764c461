"""What the system knows of Chinese: characters, terms, sentences, numbers, dates, places, people."""

__all__ = [
    "dates",
    "language",
    "newspapers",
    "normalize",
    "numbers",
    "numerals",
    "people",
    "places",
    "sentences",
    "speech",
    "tokens",
    "words",
]
