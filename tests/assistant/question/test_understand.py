"""Questions understood: language, form, what is wanted, places, and what a follow-up takes over."""

import pytest

from assistant.question.followup import context_needed, speaks_of, subjects
from assistant.question.forms import Form, Wanted
from assistant.question.gazetteer import Gazetteer
from assistant.question.understand import Question, continued, understand
from assistant.types import Turn
from index.search.glossary import Glossary
from index.text.normalize import matching_form
from index.text.places import stem_of
from tests.fakes.made_answers import rarity

PLACES = Gazetteer([
    ("东湖市", "南城区", "柳岸街道", "听雨社区"), ("东湖市", "南城区", "柳岸街道"), ("东湖市", "北城区", "和顺社区"),
    ("东湖市", "北城区", "和顺街道"), ("东湖市", "云山县", "石桥镇"),
])
GLOSSARY = Glossary.load()


def ask(text: str, context: str = "") -> Question:
    understood = understand(matching_form(text), GLOSSARY, PLACES)
    return continued(understood, context, GLOSSARY, PLACES) if context else understood


@pytest.mark.parametrize(("text", "form", "wanted"), [
    pytest.param("其他社区是怎么处理无物业小区的?", Form.CASES, Wanted.ANY, id="other communities"),
    pytest.param("有没有给老人送饭的例子", Form.CASES, Wanted.ANY, id="is there an example"),
    pytest.param("how did other communities handle unmanaged property?", Form.CASES, Wanted.ANY, id="English cases"),
    pytest.param("听雨社区花了多少钱修路", Form.FACT, Wanted.MONEY, id="money"),
    pytest.param("听雨社区有多少户居民", Form.FACT, Wanted.NUMBER, id="number"),
    pytest.param("How many residents does the canteen serve?", Form.FACT, Wanted.NUMBER, id="English number"),
    pytest.param("How many people spent the night there?", Form.FACT, Wanted.NUMBER, id="English number, nothing was paid"),
    pytest.param("How much did they spend?", Form.FACT, Wanted.MONEY, id="English money"),
    pytest.param("石桥镇的积分制什么时候开始的", Form.FACT, Wanted.DATE, id="date"),
    pytest.param("听雨社区书记是谁", Form.FACT, Wanted.PERSON, id="person"),
    pytest.param("听雨社区怎么解决停车难", Form.HOW, Wanted.ANY, id="how"),
    pytest.param("听雨社区和石桥镇谁的志愿者更多", Form.COMPARE, Wanted.PERSON, id="two places"),
    pytest.param("听雨社区和石桥镇哪个建得更早?", Form.COMPARE, Wanted.DATE, id="which is older"),
    pytest.param("听雨社区哪几年修过路", Form.CASES, Wanted.DATE, id="which years"),
    pytest.param("听雨社区怎么更早发现老人摔倒", Form.HOW, Wanted.ANY, id="earlier is no date by itself"),
    pytest.param("哪个社区有宝贵经验", Form.CASES, Wanted.PLACE, id="what is precious has no price"),
    pytest.param("老人谁来照顾早晚", Form.FACT, Wanted.PERSON, id="morning and evening are no comparison"),
    pytest.param("听雨社区谁今晚值班", Form.FACT, Wanted.PERSON, id="this evening is no comparison"),
    pytest.param("听雨社区的菜摊摆一天几块", Form.FACT, Wanted.MONEY, id="money in small words"),
    pytest.param("听雨社区的议事会是由哪几块拼起来的", Form.CASES, Wanted.ANY, id="parts are no money and no number"),
    pytest.param("柳岸街道的听雨社区怎么解决停车难", Form.HOW, Wanted.ANY, id="a place inside the other is no comparison"),
    pytest.param("柳岸街道和听雨社区各有几个网格", Form.COMPARE, Wanted.NUMBER, id="part and whole, side by side"),
])
def test_form(text: str, form: Form, wanted: Wanted) -> None:
    question = ask(text)
    assert (question.form, question.wanted) == (form, wanted)


@pytest.mark.parametrize(("text", "mentions"), [
    pytest.param("听雨社区的食堂", [("听雨社区",)], id="in full"),
    pytest.param("听雨那边的食堂", [("听雨社区",)], id="by its stem"),
    pytest.param("和顺社区的食堂", [("和顺社区",)], id="in full means itself"),
    pytest.param("听雨街道的食堂", [], id="another place of that stem"),
    pytest.param("和顺市场的食堂", [("和顺社区", "和顺街道")], id="a stem before a word that only begins like a suffix"),
    pytest.param("石桥和听雨", [("石桥镇",), ("听雨社区",)], id="in the order of the text"),
    pytest.param("the canteen in Tingyu community", [("听雨社区",)], id="in pinyin"),
    pytest.param("明天下雨吗", [], id="none"),
    pytest.param("石桥面坏了怎么修", [("石桥镇",)], id="a word begins with it"),
    pytest.param("听雨声的人多不多", [], id="inside another word"),
])
def test_places(text: str, mentions: list[tuple[str, ...]]) -> None:
    assert PLACES.find(text) == mentions


def test_a_stem_that_can_mean_two_places_means_both() -> None:
    assert sorted(PLACES.find("和顺的食堂")[0]) == ["和顺社区", "和顺街道"]


def test_a_stem_keeps_two_characters() -> None:
    assert [stem_of(name) for name in ("听雨社区", "云山县", "夏县")] == ["听雨", "云山", "夏县"]


def test_function_words_are_no_content() -> None:
    question = ask("其他社区是怎么处理无物业小区的?")
    assert question.words == ("无", "物业")
    assert "区是" not in question.lexical_terms()


def test_the_glossary_adds_other_wordings_at_a_lower_weight() -> None:
    terms = ask("其他社区是怎么处理无物业小区的?").lexical_terms()
    assert terms["物业"] == 1.0
    assert 0 < terms["失管"] < 1


def test_a_telling_word_finds_its_topic() -> None:
    question = ask("给老人办食堂的社区")
    assert not question.topics
    assert "老年助餐" in {match.topic.zh[0] for match in question.near_topics}


@pytest.mark.parametrize(("question", "alone", "wanted"), [
    pytest.param("听雨社区和石桥镇哪个建得更早?", "石桥镇建是什么时候?", Wanted.DATE, id="older"),
    pytest.param("食堂一顿饭,听雨社区和石桥镇谁家更便宜", "石桥镇多少钱", Wanted.MONEY, id="cheaper"),
])
def test_what_is_compared_is_asked_plainly_of_each_place(question: str, alone: str, wanted: Wanted) -> None:
    one = ask(question).about(("石桥镇",), rarity)
    assert alone in one.text
    assert one.wanted is wanted


def test_about_leaves_out_the_other_places() -> None:
    one = ask("听雨社区和石桥镇的食堂哪个便宜").about(("石桥镇",), rarity)
    assert one.places == ("石桥镇",)
    assert "听雨" not in one.text


@pytest.mark.parametrize(("question", "context"), [
    pytest.param("那花了多少钱?", "听雨社区怎么修路的", id="points back"),
    pytest.param("他们啥时候排练", "听雨社区怎么修路的", id="pronoun"),
    pytest.param("有几个人?", "听雨社区怎么修路的", id="short, no place"),
    pytest.param("石桥镇的积分制是怎么回事?", "", id="names a place of its own"),
    pytest.param("哪些社区有老年食堂?", "", id="asks all communities"),
    pytest.param("怎样给多肉植物换盆?", "", id="short, but of another thing"),
    pytest.param("老旧小区加装电梯居民意见不统一一般是怎么协调的", "", id="long and complete"),
])
def test_follow_ups(question: str, context: str) -> None:
    assert context_needed(question, [Turn("听雨社区怎么修路的?", "居民和社区一起修")], PLACES) == context


@pytest.mark.parametrize("question", [
    pytest.param("你叫什么名字", id="asks the assistant"),
    pytest.param("吉他怎么调音", id="a pronoun inside a word"),
    pytest.param("这周末适合洗车吗", id="this weekend"),
    pytest.param("哪里有老年食堂?", id="asks all places"),
    pytest.param("Translate this sentence into French", id="this, of the question itself"),
    pytest.param("Write a function that sorts a list", id="that, of the question itself"),
])
def test_what_does_not_lean(question: str) -> None:
    assert context_needed(question, [Turn("听雨社区怎么修路的?", "居民和社区一起修")], PLACES) == ""


@pytest.mark.parametrize(("question", "things"), [
    pytest.param("哪家火锅店最好吃?", ("火锅店",), id="of another thing"),
    pytest.param("苹果公司的总裁是谁", ("苹果公司", "总裁"), id="two things"),
    pytest.param("一共花了多少钱?", (), id="nothing of its own"),
    pytest.param("哪个部门负责?", (), id="what any measure has"),
    pytest.param("那火锅店呢?", (), id="clearly points back"),
    pytest.param("哪家物业公司最便宜?", (), id="a topic of community work"),
    pytest.param("How much is a Tesla?", (), id="English is not looked into"),
])
def test_the_subject_of_a_question(question: str, things: tuple[str, ...]) -> None:
    assert subjects(ask(question)) == things


def test_half_of_the_things_must_be_said() -> None:
    assert speaks_of("火鍋店的老闆", ("火锅店", "总裁"))
    assert not speaks_of("老闆", ("火锅店", "总裁"))


def test_the_place_of_the_last_answer_is_taken_over() -> None:
    history = [Turn("有没有自己修路的?", "有，东湖市南城区柳岸街道听雨社区修了路")]
    assert context_needed("那花了多少钱?", history, PLACES) == "听雨社区 有没有自己修路的"


def test_the_same_question_about_another_place() -> None:
    history = [Turn("听雨社区怎么办老年食堂的?", "租了一间房")]
    assert context_needed("那石桥镇呢?", history, PLACES) == "怎么办老年食堂的"


def test_no_history_no_context() -> None:
    assert context_needed("那花了多少钱?", [], PLACES) == ""


def test_context_counts_for_words_and_places_but_not_for_the_form() -> None:
    question = ask("那花了多少钱?", context="其他社区怎么修路的 听雨社区")
    assert question.form is Form.FACT
    assert question.places == ("听雨社区",)
    assert "修路" in "".join(question.context)
