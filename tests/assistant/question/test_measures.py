"""The measure a question asks for. Run: python -m pytest -q tests/assistant/question/test_measures.py"""

import pytest

from assistant.question.measures import asked_measure
from index.text.normalize import matching_form


@pytest.mark.parametrize(("question", "says", "says_not"), [
    pytest.param("讲座来了多少人", "吸引60余名居民", "讲座办了12场，花了3000元", id="people"),
    pytest.param("那次义诊去了几位老人", "三十多位老人排起队", "活动持续2小时", id="persons by another word"),
    pytest.param("老年卡打几折", "凭卡享受7.5折优惠", "每餐10元", id="a discount"),
    pytest.param("一顿饭多少钱", "每餐12元", "每天供应90份", id="money"),
    pytest.param("食堂几点开门", "上午10点开门", "10个人排队", id="clock"),
    pytest.param("多少户装了电梯", "96户同意", "3部电梯", id="households"),
    pytest.param("这个广场多大面积", "占地3200平方米", "建了3个凉亭", id="area"),
    pytest.param("登记一个人要多久", "两分钟就能办完", "登记了500人", id="how long"),
    pytest.param("满意率占比多高", "满意率达98%", "发了98份问卷", id="a share"),
    pytest.param("种了几亩薄荷", "种下薄荷二十亩", "种下薄荷二十棵", id="a word that is no unit of a class"),
    pytest.param("书记今年多大年纪", "58岁的书记", "当书记12年", id="age"),
    pytest.param("公示要多久", "公示两周", "社区成立十周年", id="weeks"),
    pytest.param("镇上总人口有多少人", "总人口约2790060", "人口增长了3倍", id="a bare figure"),
    pytest.param("梅园占地多大面积", "占地3亩", "种了3棵梅树", id="an area in another unit"),
    pytest.param("２０２４年捐了多少钱？", "捐出５０００元", "捐书5000册", id="full width"),
])
def test_the_figure_is_of_the_measure_asked_for(question: str, says: str, says_not: str) -> None:
    measure = asked_measure(matching_form(question))
    assert measure is not None
    assert measure.held_in(says)
    assert not measure.held_in(says_not)


@pytest.mark.parametrize("question", [
    pytest.param("办了几个活动", id="个 may be followed by anything"),
    pytest.param("调了多少台车", id="台 may be answered by 辆"),
    pytest.param("哪几块地拆了违建", id="which"),
    pytest.param("灶房开了没几天为什么停了", id="a few"),
    pytest.param("十几分钟的生活圈评了什么", id="some ten"),
    pytest.param("满足年龄条件以后还要交什么", id="a noun that is not asked for"),
    pytest.param("楼栋面积大的小区怎么分网格", id="another"),
    pytest.param("病房几时开", id="when"),
    pytest.param("社区怎么处理楼道堆物", id="no figure at all"),
])
def test_no_measure_is_asked_for(question: str) -> None:
    assert asked_measure(matching_form(question)) is None
