"""The librarian's page: what the index holds, how it was understood, and what people say better."""
