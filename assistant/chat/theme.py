"""The look of Gradio's own pieces: a plain theme on paper colours, with fonts every machine has (none is fetched)."""

from __future__ import annotations

import gradio as gr

_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def theme() -> gr.themes.Base:
    """Return the theme; everything of our own is in chat.css, by the same colours."""
    base = gr.themes.Base(primary_hue="red", neutral_hue="stone", font=_FONTS, font_mono=["monospace"])
    return base.set(
        body_background_fill="#faf8f3", body_background_fill_dark="#171614",
        block_background_fill="#ffffff", block_background_fill_dark="#211f1c",
        button_primary_background_fill="#8f2d20", button_primary_background_fill_dark="#8f2d20",
        button_primary_background_fill_hover="#752317", button_primary_background_fill_hover_dark="#a5382a",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#ffffff",
        body_text_color_subdued="#625b51", body_text_color_subdued_dark="#ada597", # of AA contrast, unlike the theme's own
        button_large_text_weight="500",
        input_background_fill="#ffffff", input_background_fill_dark="#211f1c",
        input_border_color="#938a7b", input_border_color_dark="#7b7366",
        input_placeholder_color="#6b6459", input_placeholder_color_dark="#b0a89b",
    )
