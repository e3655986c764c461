"""A model's thoughts are left out, however its text comes cut. Run: python -m pytest -q tests/assistant/llm/test_thoughts.py"""

import pytest

from assistant.llm.thoughts import FORGET, SpokenText

ANSWER = "枫桥社区画了十二个车位[1]。"
CASES = {
    "none": (ANSWER, ANSWER),
    "thoughts": (f"<think>先看第1段，它说了两件事。</think>{ANSWER}", ANSWER),
    "opened before": (f"先看第1段。\n</think>\n\n{ANSWER}", f"\n\n{ANSWER}"),
    "thinking": (f"<thinking>先看。</thinking>{ANSWER}", ANSWER),
    "twice": (f"<think>先看。</think>{ANSWER}<think>够了。</think>", ANSWER),
    "closed once more": (f"<think>先看。</think>{ANSWER}</think>", ANSWER),
    "never closed": ("<think>先看第1段", ""),
    "no tag": (f"5<6，<th>{ANSWER}</thi", f"5<6，<th>{ANSWER}</thi"),
}


def said(pieces: list[str]) -> str:
    spoken = SpokenText()
    told = [*(text for piece in pieces for text in spoken.feed(piece)), *spoken.close()]
    return "".join(told[told.index(FORGET) + 1:] if FORGET in told else told)


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=CASES)
def test_what_is_said_is_the_same_wherever_the_text_is_cut(written: str, expected: str) -> None:
    assert said(list(written)) == said([written]) == expected
    for cut in range(len(written)):
        assert said([written[:cut], written[cut:]]) == expected


def test_thoughts_are_counted_and_never_told() -> None:
    spoken = SpokenText()
    told = [text for char in f"<think>先看第1段。</think>{ANSWER}" for text in spoken.feed(char)]
    assert "".join(told) == ANSWER
    assert spoken.thought == len("先看第1段。")
