"""The model of forms: what it makes of plain questions, its columns, and weights that cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.question.form_model import BUCKETS, FormModel, FormReading, characters
from assistant.question.forms import Form, Wanted, form_read
from assistant.types import Turn
from index.embedding.encoder import Encoder
from index.errors import EncoderError
from index.search.engine import SearchIndex


@pytest.mark.parametrize(("question", "form"), [
    pytest.param("其他社区是怎么处理楼道堆物的", "cases", id="how did others"),
    pytest.param("电瓶车上楼充电谁都劝不住，别处有啥好办法", "cases", id="colloquial"),
    pytest.param("how did other communities find parking space", "cases", id="english"),
    pytest.param("柏杨社区食堂一顿饭多少钱", "fact", id="a price"),
    pytest.param("你们这里收了哪些报纸", "library", id="the library"),
    pytest.param("谢谢啦", "chat", id="thanks"),
    pytest.param("明天北京下雨吗", "other", id="the weather"),
])
def test_plain_questions(encoder: Encoder, question: str, form: str) -> None:
    forms = FormModel.load().read(question, encoder.encode_query([question])[0]).forms
    assert max(forms, key=lambda name: forms[name]) == form
    assert sum(forms.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "?", "停车", "停车" * 500, "\ud800", "Parking"], ids=["empty", "mark", "two", "long", "surrogate", "english"])
def test_characters_are_a_unit_vector(text: str) -> None:
    columns = characters(text)
    assert columns.shape == (BUCKETS,)
    assert np.linalg.norm(columns) == pytest.approx(1.0)


def test_letters_of_either_case_are_the_same() -> None:
    np.testing.assert_array_equal(characters("APP怎么用"), characters("app怎么用"))


def reading(wanted: float = 1.0, **forms: float) -> FormReading:
    return FormReading(forms, {"money": wanted, "why": 1 - wanted})


@pytest.mark.parametrize(("said", "named", "several", "form", "wanted"), [
    pytest.param(reading(cases=0.9, fact=0.1), False, False, Form.CASES, Wanted.ANY, id="cases"),
    pytest.param(reading(fact=0.9), False, False, Form.FACT, Wanted.MONEY, id="fact"),
    pytest.param(reading(0.5, fact=0.9), False, False, Form.FACT, Wanted.ANY, id="a fact of no clear kind"),
    pytest.param(reading(cases=0.6, how=0.4), True, False, Form.HOW, Wanted.ANY, id="a named place mostly is asked of"),
    pytest.param(reading(how=0.3, list=0.3, fact=0.4), False, False, Form.HOW, Wanted.ANY, id="a list is of one place"),
    pytest.param(reading(compare=0.5, fact=0.5), True, True, Form.COMPARE, Wanted.MONEY, id="two places side by side"),
    pytest.param(reading(fact=1.0), True, True, Form.FACT, Wanted.MONEY, id="two places, and no comparison"),
    pytest.param(reading(library=0.8, cases=0.2), False, False, Form.LIBRARY, Wanted.ANY, id="library"),
    pytest.param(reading(library=0.5, cases=0.4), False, False, Form.CASES, Wanted.ANY, id="perhaps the library"),
])
def test_the_form_of_a_reading(said: FormReading, named: bool, several: bool, form: Form, wanted: Wanted) -> None:
    assert form_read(said, named=named, several=several) == (form, wanted)


@pytest.mark.parametrize("content", [None, b"no weights"], ids=["missing", "broken"])
def test_weights_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "forms.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderError, match=r"forms\.safetensors"):
        FormModel.load(path)


@pytest.mark.parametrize("asked", ["后来呢", "效果呢？", "资金呢", "别的地方怎么做的"])
def test_small_words_after_a_turn_go_on_with_it(examples_home: Path, encoder: Encoder, asked: str) -> None:
    """Read alone they are small talk or nothing; after a turn they ask of what it was about."""
    understanding = Assistant(SearchIndex.open(examples_home, encoder)).understand
    asked_on = understanding(asked, (Turn("老楼装电梯怎么推", "居民分摊了费用"),))
    assert asked_on.form not in (Form.CHAT, Form.LIBRARY)
    assert "电梯" in asked_on.text


@pytest.mark.parametrize("said", ["谢谢", "好的，知道了", "你呢"])
def test_thanks_after_a_turn_are_thanks(examples_home: Path, encoder: Encoder, said: str) -> None:
    understanding = Assistant(SearchIndex.open(examples_home, encoder)).understand
    assert understanding(said, (Turn("老楼装电梯怎么推", "居民分摊了费用"),)).form is Form.CHAT
