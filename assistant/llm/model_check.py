"""`linjian model check`: can the language model be reached, is known, reads enough and writes what can be used."""

from __future__ import annotations

import time
from collections.abc import Iterator

from assistant.llm.citation_parser import statements
from assistant.llm.model import LanguageModel
from index.errors import ModelError
from index.messages import printable
from prompts.prompt_loader import chat_prompt

SAMPLE = '<passage number="1">\n[1] 示例\n{filler}梧桐院自管会每户每月收15元，用来请保洁员。\n</passage>'
FILLER = "这一段报道讲的是别的事情，与问题没有关系。"
PASSAGE = 450
"""Characters of a full passage."""


def check_model(model: LanguageModel | None) -> int:
    """Print what was tried and how it went; ModelError says in words what is wrong and what to change."""
    if model is None:
        print("No language model is set: answers are built from the articles' own sentences.\n"
              "To set one: LINJIAN_MODEL=http://127.0.0.1:8080/v1 LINJIAN_MODEL_NAME=NAME linjian model check")
        return 0
    for line in checks(model):
        print(printable(line), flush=True)
    return 0


def checks(model: LanguageModel) -> Iterator[str]:
    """Yield one line for each thing that works; ModelError at the first that does not."""
    yield f"model           {model.name!r}"
    names = server_models(model)
    if names is not None:
        yield f"server          answers; it names {', '.join(names) or 'no model'}"
        if names and model.name not in names:
            yield f"                {model.name!r} is not among them: set LINJIAN_MODEL_NAME if the next step fails"
    text, first, whole = _ask(model, "")
    yield f"short question  first words after {first:.1f} s, {len(text) / max(whole, 0.01):.0f} characters/s"
    shown = model.told(text)[:120]
    if not any("15" in s.text or "十五" in s.text for s in statements(text)):
        raise ModelError("unsupported", f"It does not read: asked what a passage says (15元), it wrote {shown!r}. "
                                        "Use another model.")
    cites = any(1 in s.numbers for s in statements(text))
    yield f"                it {'cites' if cites else 'does not cite (citations will be found by the check)'}: {shown}"
    filler = FILLER * (model.passages * PASSAGE // len(FILLER))
    text, first, whole = _ask(model, filler)
    yield f"full prompt     {len(filler)} characters: first words after {first:.1f} s, done after {whole:.1f} s"
    if whole > model.timeout / 2:
        yield (f"                slow: an answer may take {model.timeout:.0f} s. Show it fewer passages: "
               "LINJIAN_MODEL_PASSAGES=2, or give it more time: LINJIAN_MODEL_TIMEOUT=120")
    yield "It works."


def server_models(model: LanguageModel) -> list[str] | None:
    """Return the models that an OpenAI-compatible server names, None for another kind of model."""
    client = getattr(model.chat, "root_client", None)
    if client is None:
        return None
    try:
        return sorted(one.id for one in client.models.list())
    except Exception as error:  # noqa: BLE001 - of any library
        raise model.explained(error) from None


def _ask(model: LanguageModel, filler: str) -> tuple[str, float, float]:
    """Ask for what a passage says behind `filler`; return the text, the seconds to its first piece, and in all."""
    started, first, pieces = time.perf_counter(), 0.0, []
    values = {"passages": SAMPLE.format(filler=filler), "question": "梧桐院每户每月收多少钱？"}
    for piece in model.stream(chat_prompt("answer", "zh"), values):
        if piece and not first:
            first = time.perf_counter() - started
        pieces.append(piece)
    text = "".join(pieces)
    if not text.strip():
        raise ModelError("empty", f"The language model {model.name!r} wrote nothing.")
    return text, first, time.perf_counter() - started
