"""The casebook: every case of the library as a card, to browse by topic, place, newspaper and month."""

__all__ = [
    "card_text",
    "case_topics",
    "casebook",
    "casebook_view",
    "facet_counts",
    "overview",
    "related_cases",
    "routes",
    "selection",
]
