"""The chat page: the conversation on the left, on the right the evidence that each answer stands on."""
