"""What the system knows of Chinese and a little of English: scripts, words, sentences, numbers, dates, places, people."""

__all__ = ["dates", "language", "newspapers", "normalize", "numbers", "people", "places", "sentences", "tokens", "words"]
