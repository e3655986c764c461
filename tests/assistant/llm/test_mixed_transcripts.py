"""True and false sentences side by side, as a careless model writes them: what is false is never shown as supported.

The model sends a few characters at a time; its markers stand where they fall. Each false sentence differs from the article
in one point. Run: python -m pytest -q tests/assistant/llm/test_mixed_transcripts.py
"""

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.llm.model import open_model
from assistant.types import Ask
from assistant.verify.entailment import open_entailment
from assistant.verify.verify import Verifier
from index.embedding.encoder import Encoder
from index.search.engine import SearchIndex
from tests.fakes.openai_server import Script, ScriptedServer, serving

QUESTION = "纺机家属院没有物业，是怎么自己管起来的？"
TRUE = ("最后定下每户每月20元，低保家庭减半。", "争取到补助资金26万元，更换下水管道340米。", "纺机家属院建于1986年，4栋楼住着168户人家。",
        "三个月后，收缴率过了九成。", "自管小组在院里的葡萄架下连开了五次会。")
FALSE = [
    pytest.param("每户每月交20元，外来租户加倍。", "加倍", id="an invented clause"),
    pytest.param("自管小组每月给组长发补贴1000元。", "组长", id="what the cleaner gets"),
    pytest.param("收缴率三个月后跌破九成。", "跌破", id="the other direction"),
    pytest.param("低保家庭全免，其他住户每月20元。", "全免", id="all for half"),
    pytest.param("补助资金62万元由街道争取到。", "62万元", id="digits turned round"),
    pytest.param("更换下水管道340公里。", "340公里", id="another unit"),
    pytest.param("院里所有住户都交了钱，没有一户拖欠。", "所有", id="all for most"),
    pytest.param("因为加装了电梯，收缴率过了九成。", "电梯", id="an invented cause"),
    pytest.param("社区今年已经把另外两个院子也管了起来。", "已经", id="a plan told as done"),
    pytest.param("这一做法获评全国最佳社区治理案例。", "全国", id="praise from nowhere"),
    pytest.param("居民一致认为这是全市最好的院子。", "最好", id="an opinion from nowhere"),
    pytest.param("物业公司随后主动回到院里，接管了门房。", "物业公司", id="a deed from nowhere"),
    pytest.param("桂花巷社区党委书记郑守义挨门敲了168户。", "郑守义", id="another person's office",
                 marks=pytest.mark.xfail(strict=True, reason="who holds an office is not seen: docs/verification.md")),
    pytest.param("自管小组由居民投票选出17人组成。", "17人", id="another number"),
    pytest.param("2009年纺机家属院建成，当年原单位破产。", "2009年", id="another year's event"),
    pytest.param("热线投诉从9件升到47件。", "升到", id="numbers exchanged"),
    pytest.param("与此同时，街道还为老人配发了智能手环，用于监测健康。", "手环", id="an invented tail"),
    pytest.param("专家指出，这种办法可以在全国推广。", "专家", id="an invented voice"),
    pytest.param("小组成员每人每月领800元工资。", "工资", id="who it is paid to"),
    pytest.param("居民自筹26万元，换了下水管道。", "自筹26万元", id="who paid it"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def assistant(examples_home: Path, encoder: Encoder, e5_folder: Path, server: ScriptedServer) -> Assistant:
    return Assistant(SearchIndex.open(examples_home, encoder), model=open_model(server.url, name="scripted", key="none", timeout=20),
                     verifier=Verifier.for_encoder(encoder.name, open_entailment(e5_folder.parent, encoder.name)))


@pytest.mark.parametrize(("false", "word"), FALSE)
def test_what_is_false_is_not_shown_among_what_is_true(assistant: Assistant, server: ScriptedServer, false: str, word: str) -> None:
    chance = random.Random(false)
    said = chance.sample(TRUE, 2)
    said.insert(chance.randrange(3), false)
    whole = "".join(f"{one}[{chance.randint(1, 4)}]" if chance.random() < 0.7 else one for one in said)
    cuts = sorted({0, len(whole), *chance.sample(range(1, len(whole)), 12)})
    server.plays(Script(tuple(whole[a:b] for a, b in pairwise(cuts))))
    *_, answer = assistant.stream(Ask(QUESTION))
    shown = re.sub(r"\[\d+\]", "", answer.text)
    assert answer.model == "scripted"
    assert word not in shown
    assert all(claim.supported for claim in answer.claims if claim.text in TRUE)
