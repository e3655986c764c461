"""Numbers however they are printed. Run: python -m pytest -q tests/index/text/test_numbers.py"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.numbers import in_digits, numbers_in, stands_in

CASES = {
    "三千二百元": [(3200, "yuan")], "3200元": [(3200, "yuan")], "1.2万": [(12000, "")], "两万三": [(23000, "")], "３２００元": [(3200, "yuan")],
    "一万三千五百户": [(13500, "household")], "一百零五人": [(105, "person")], "三千多万元": [(30_000_000, "yuan")], "12,000 yuan": [(12000, "yuan")],
    "二〇二四年六月": [(2024, "year"), (6, "month")], "2024-06-18": [(2024, "year"), (6, "month"), (18, "day")], "98年": [(1998, "year")],
    "June 18": [(6, "month"), (18, "day")], "三个月": [(3, "months")], "3月": [(3, "month")], "百分之四十": [(40, "percent")], "四成": [(40, "percent")],
    "九成一": [(91, "percent")], "一半": [(50, "percent")], "forty-two households": [(42, "household")], "1.2 million": [(1_200_000, "")],
    "百分之九十八点六": [(98.6, "percent")], "百分之40": [(40, "percent")], "百分之百": [(100, "percent")], "千分之二": [(.2, "percent")],
    "一块五毛钱": [(1.5, "yuan")], "三块八毛五": [(3.85, "yuan")], "5元8角": [(5.8, "yuan")], "两块半": [(2.5, "yuan")], "五分钱": [(.05, "yuan")],
    "两块五一斤": [(2.5, "yuan")], "10块5个": [(10, "yuan"), (5, "")], "伍拾元整": [(50, "yuan")], "廿": [], "五卅": [], "作家三毛": [], "院子一角": [],
    "队伍陆续到达": [], "大陆万户": [], "收拾个人物品": [], "周三": [(2, "weekday")], "Sundays": [(6, "weekday")], "晚上九点": [(9, "clock")], "一起来": [], "二手车": [], "一个社区": [], "几十户": [], "万家灯火": [],
}
SAME = [("三千二百元", "3200元"), ("二〇二四年", "2024年"), ("40%", "四成"), ("晚上九点", "21时"), ("二十名", "20位"), ("近200户", "198户"), ("六点半", "18时30分"),
        ("1.5元", "一块五毛钱"), ("1.5元", "1块5"), ("2.5元", "两块五"), ("0.5元", "五毛"), ("120元", "壹佰贰拾元"), ("63个", "陆拾叁个"), ("30户", "卅户"), ("24户", "廿四户"),
        ("25%", "四分之一"), ("一半", "二分之一"), ("三分之一", "3分之1"), ("0.2%", "千分之二")]
DIFFERENT = [("20元", "20户"), ("3个月", "3月"), ("25元", "15元"), ("近200户", "150户"), ("2023年", "2024年"), ("周三", "周五"),
             ("4户", "廿四户"), ("1元", "一块五毛钱"), ("5元", "1块5"), ("三分之一", "三分之二"), ("120元", "壹佰贰拾伍元")]
_ONES = "零一二三四五六七八九"


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=CASES)
def test_numbers(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(n.value, n.unit) for n in numbers_in(text)] == expected


@pytest.mark.parametrize(("one", "other"), SAME, ids="=".join)
def test_the_same_amount(one: str, other: str) -> None:
    assert all(stands_in(n, numbers_in(other)) for n in numbers_in(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids="/".join)
def test_another_amount(one: str, other: str) -> None:
    assert not all(stands_in(n, numbers_in(other)) for n in numbers_in(one))


def spelt(value: int) -> str:
    """Spell a number up to 99,999 the Chinese way."""
    out, zero = "", False
    for power, sign in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, power)
        if digit:
            out += ("零" if zero and out else "") + _ONES[digit] + sign
        zero = not digit
    return out


@given(st.integers(20, 99_999))
def test_spelt_numbers_are_read_back(value: int) -> None:
    assert [n.value for n in numbers_in(f"{spelt(value)}元")] == [value]


@given(st.text(max_size=60))
def test_bounds_lie_in_the_text(text: str) -> None:
    for number in numbers_in(text):
        assert 0 <= number.start < number.end <= len(text)


@pytest.mark.parametrize(("text", "digits"), [
    pytest.param("每户每月交二十元，低保家庭减半。", "每户每月交20元，低保家庭减半。", id="one"),
    pytest.param("花了三千二百元，来了一万三千人", "花了3200元，来了13000人", id="thousands"),
    pytest.param("二〇二四年五月，九成以上", "2024年5月，9成以上", id="a year, tenths"),
    pytest.param("一起去第一小学，十几个人", "一起去第一小学，十几个人", id="no numbers"),
    pytest.param("4栋楼168户", "4栋楼168户", id="digits already"),
    pytest.param("", "", id="empty"),
])
def test_numbers_in_digits_know_where_they_stood(text: str, digits: str) -> None:
    written, offsets = in_digits(text)
    assert written == digits
    assert len(offsets) == len(written)
    assert offsets == sorted(offsets)
    assert all(text[at] == c for c, at in zip(written, offsets, strict=True) if not c.isdigit())
