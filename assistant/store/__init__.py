"""assistant.store: conversations as they were, the evidence they stood on, and what people said of the answers."""
