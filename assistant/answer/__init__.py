"""Is the question answered by what was found, with which sentences, and in which words; without a language model."""

__all__ = [
    "answer_text",
    "answerability",
    "calibration",
    "cases",
    "extractive",
    "gaps",
    "markdown",
    "plain_text",
    "reference",
    "suggestions",
]
