"""Claims checked over the API, on a real server. Run: python -m pytest -q tests/assistant/api/test_claim_verification.py"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.verify.claim_check import CitedClaim, ClaimChecker, checked_article
from assistant.verify.verify import Verifier
from tests.fakes.api_server import Api, serving
from tests.fakes.hash_encoder import HashEncoder

CANTEEN = {"text": "食堂每餐收12元，荤菜两样。80岁以上的老人送餐上门。", "heading": "听雨社区 食堂开张"}
SHEDS = {"text": "柳岸街道建了36座充电棚，可停电动车900辆。"}


@pytest.fixture(scope="module")
def api(letters_home: Path) -> Iterator[Api]:
    with serving(letters_home) as running:
        yield running


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, trust_env=False, timeout=60) as http:
        yield http


def verified(client: httpx.Client, *claims: dict, **against: object) -> list[dict]:
    response = client.post("/api/v1/verify", json={"claims": list(claims), **against})
    assert response.status_code == 200, response.text
    return response.json()["claims"]


@pytest.mark.parametrize(("claim", "supported", "carried", "sources"), [
    pytest.param("食堂每餐收12元。", True, "食堂每餐收12元。", [1], id="said"),
    pytest.param("食堂每餐收15元。", False, "", [], id="another amount"),
    pytest.param("柳岸街道建了36座充电棚。", True, "柳岸街道建了36座充电棚。", [2], id="said by the other passage"),
    pytest.param("食堂每餐收12元，另收3元餐盒费。", False, "食堂每餐收12元。", [1], id="only its first clause"),
    pytest.param("听雨社区的食堂每餐收12元。", True, "听雨社区的食堂每餐收12元。", [1], id="the place stands in the heading"),
])
def test_claims_are_checked_against_passages_that_are_sent(client: httpx.Client, claim: str, supported: bool, carried: str,
                                                           sources: list[int]) -> None:
    [one] = verified(client, {"text": claim}, passages=[CANTEEN, SHEDS])
    assert (one["supported"], one["carried"], [s["passage"] for s in one["sources"]]) == (supported, carried, sources)
    assert all(source["quote"] in CANTEEN["text"] + SHEDS["text"] for source in one["sources"])
    assert (one["support"] > 0) >= supported


def test_what_a_claim_cites_is_looked_at_first(client: httpx.Client) -> None:
    twice = [CANTEEN, dict(CANTEEN)]
    for cited in (1, 2):
        [one] = verified(client, {"text": "食堂每餐收12元。", "cited": [cited]}, passages=twice)
        assert [source["passage"] for source in one["sources"]] == [cited]
    [one] = verified(client, {"text": "食堂每餐收12元。", "cited": [3, 50]}, passages=twice)  # invented numbers
    assert one["supported"]


def test_claims_are_checked_against_articles_of_the_index(api: Api, client: httpx.Client) -> None:
    article = api.assistant.index.articles()[0]
    sentence = max((s.text for p in article.paragraphs for s in p.sentences), key=len)
    true, false = verified(client, {"text": sentence}, {"text": "火星上建了77座食堂。"}, articles=[article.id])
    assert (true["supported"], false["supported"]) == (True, False)
    [source] = true["sources"]
    assert (source["passage"], source["article_id"]) == (None, article.id)
    assert source["passage_id"] in {p.id for p in api.assistant.index.passages()}


@pytest.mark.parametrize(("body", "status", "told"), [
    pytest.param({"claims": [{"text": "一"}]}, 422, "give passages or articles", id="nothing to check against"),
    pytest.param({"claims": [], "passages": [CANTEEN]}, 422, "claims", id="no claim"),
    pytest.param({"claims": [{"text": "长" * 1001}], "passages": [CANTEEN]}, 422, "claims.0.text", id="too long"),
    pytest.param({"claims": [{"text": "一"}] * 51, "passages": [CANTEEN]}, 422, "claims", id="too many"),
    pytest.param({"claims": [{"text": "一"}], "articles": ["none"]}, 404, "none", id="no such article"),
    pytest.param({"claims": [{"text": "一", "believe": True}], "passages": [CANTEEN]}, 422, "believe", id="a field that is none"),
])
def test_what_cannot_be_checked_is_told(client: httpx.Client, body: dict, status: int, told: str) -> None:
    response = client.post("/api/v1/verify", json=body)
    assert response.status_code == status
    assert told in response.json()["detail"]


def test_claims_cost_one_embedding_together_and_the_order_is_kept(api: Api) -> None:
    index = api.assistant.index
    texts = [text for _, text in checked_article(index, index.articles()[0].id)]
    checker = ClaimChecker(HashEncoder(), Verifier.for_encoder("letters"))
    claims = [CitedClaim(s, ()) for text in texts for s in text.premise.sentences][:5]
    assert [one.text for one in checker.check(claims, texts)] == [claim.text for claim in claims]
    assert checker.check([], texts) == []
