"""A language model that words the answer; what it writes is checked before anything is shown."""

__all__ = [
    "answerer",
    "characters",
    "citation_parser",
    "generated_answer",
    "model",
    "model_check",
    "rewritten_question",
    "thoughts",
]
