"""prompts: what a language model is sent, and its loader. Imports nothing of ours."""

__all__ = ["prompt_loader"]
