"""What a claim says otherwise than its source. Run: python -m pytest -q tests/assistant/verify/test_contradictions.py"""

import pytest

from assistant.verify.contradictions import contradictions
from assistant.verify.premise import Premise, Statement


@pytest.mark.parametrize(("claim", "said", "against"), [
    pytest.param("收缴率三个月后跌破九成。", "三个月后，收缴率过了九成。", ("九成",), id="fell below, rose above"),
    pytest.param("超过300户参加。", "不到300户参加。", ("300户",), id="more than, fewer than"),
    pytest.param("每桌不得低于300元。", "每桌不超过300元。", ("300元",), id="not less, not more"),
    pytest.param("每桌不得高于300元。", "每桌不超过300元。", (), id="not more in other words"),
    pytest.param("每桌至多300元。", "酒席每桌不过300元。", (), id="at most, not over"),
    pytest.param("每通电话至少三分钟。", "每通不少于三分钟。", (), id="at least, not less"),
    pytest.param("300户以上参加。", "有300户参加。", (), id="a bound that the source does not print"),
    pytest.param("不到一年收缴率超过九成。", "一年后收缴率达九成以上。", (), id="each number has its own bound"),
    pytest.param("投诉上升了。", "投诉下降了。", ("the opposite",), id="an opposite"),
    pytest.param("小区没有物业。", "小区请来了物业。", ("the negation",), id="a negation"),
])
def test_what_is_printed_otherwise_is_seen(claim: str, said: str, against: tuple[str, ...]) -> None:
    assert contradictions(Statement(claim), Premise((said,)), (0,)) == against
