"""assistant.report: answers to take away, as plain text, Markdown, Word and PDF."""
