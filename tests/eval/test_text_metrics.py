"""Width and white space in the metrics of text. Run: python -m pytest -q tests/eval/test_text_metrics.py"""

import pytest

from eval.metrics import text_metrics


@pytest.mark.parametrize(("gold", "said"), [("237把", "２３７把"), ("85%", "８５％"), ("237把", "237 把"), ("85%", "85 ％"), ("IBM公司", "ＩＢＭ 公司")])
def test_width_and_spaces_beside_chinese_do_not_count(gold: str, said: str) -> None:
    assert text_metrics.exact_match(said, (gold,)) == 1.0
    assert text_metrics.contains_all(f"一共{said}。", ((gold,),)) == 1.0
    assert text_metrics.share_contained(f"一共{said}。", (gold,)) == 1.0
    assert text_metrics.char_f1(said, (gold,)) == 1.0
    assert text_metrics.rouge_l(said, (gold,)) == 1.0


def test_english_words_stay_apart() -> None:
    assert text_metrics.exact_match("big city", ("bigcity",)) == 0.0
    assert text_metrics.contains_all("a big city", (("bigcity",),)) == 0.0
    assert text_metrics.char_f1("big city", ("bigcity",)) < 1.0
