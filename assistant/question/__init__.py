"""What is asked: language, form, content words, places, typos, and what a follow-up takes over."""

__all__ = [
    "coverage",
    "followup",
    "form_model",
    "form_patterns",
    "forms",
    "gazetteer",
    "limits",
    "measures",
    "question_files",
    "spelling",
    "understand",
]
