"""The librarian's page: what the index holds, how it was understood, and what people correct."""

__all__ = ["actions", "librarian_page", "librarian_view"]
