"""The chat page: the conversation on the left, on the right the evidence that each answer stands on."""

__all__ = [
    "chat_page",
    "conversation",
    "evidence_panel",
    "filters_panel",
    "follow_ups",
    "gradio_fixes",
    "header",
    "history_panel",
    "nav_links",
    "page",
    "page_actions",
    "state",
    "theme",
    "views",
]
