"""Is the question answered by what was found, with which sentences, and in which words; without a language model."""

__all__ = [
    "about_library",
    "answer_text",
    "answerability",
    "calibration",
    "case_cards",
    "case_table",
    "case_weights",
    "extractive",
    "gaps",
    "markdown",
    "reference",
    "suggestions",
]
