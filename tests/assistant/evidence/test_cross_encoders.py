"""Other cross-encoders in the reranker's place: a tiny random one of sentence-transformers, and a real server on
loopback."""

from __future__ import annotations

import math
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from assistant.evidence.cross_encoders import PairReranker, choose_reranker
from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.rerank import rerank as reread
from assistant.evidence.rerank import rerank_all, was_reranked
from assistant.evidence.reranker import FAMILY, NetworkReranker, Text
from index.errors import EncoderError, ModelError, RerankerError
from tests.fakes.made_answers import ONLY_READ, PLAN, best_first, found, scored

KEY, PASSWORD, WRONG = "s3cret-key", "begin@end0", "http://me:begin/end0@127.0.0.1/rerank"
TEXTS = [Text("食堂", ("一顿午饭十二元。", "", "由居民帮厨。")), Text("", ()), Text("", ("一顿午饭十二元。",), "食堂")]


@dataclass
class RerankServer:
    """Scores a text by whether it says 元; `word` is the field it wants the texts in, `reply` stands for any other reply."""

    url: str
    word: str = "documents"
    key: str = ""
    reply: Response | None = None
    bodies: list[dict] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[RerankServer]:
    app, listener = FastAPI(), socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who asks before the server runs waits for it
    rerank = RerankServer(f"http://127.0.0.1:{listener.getsockname()[1]}/rerank")

    @app.post("/rerank")
    async def answer(request: Request) -> Response:
        body = await request.json()
        rerank.bodies.append(body)
        if rerank.key and request.headers.get("authorization") != f"Bearer {rerank.key}":
            return JSONResponse({"error": "key"}, 401)
        if rerank.reply:
            return rerank.reply
        if rerank.word not in body:
            return JSONResponse({"error": f"missing {rerank.word}"}, 422)
        scores = [(i, 0.9 if "元" in text else 0.1) for i, text in enumerate(body[rerank.word])]
        scores.sort(key=lambda row: -row[1])
        if rerank.word == "texts":
            return JSONResponse([{"index": i, "score": s} for i, s in scores])
        return JSONResponse({"results": [{"index": i, "relevance_score": s} for i, s in scores]})

    server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield rerank
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def running() -> Iterator[RerankServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: RerankServer) -> RerankServer:
    running.word, running.key, running.reply = "documents", "", None
    running.bodies.clear()
    return running


def reranker_at(server: RerankServer, **options: object) -> PairReranker:
    reranker = choose_reranker(server.url, Path(), **{"name": "ranker", "seconds": 20} | options)
    assert isinstance(reranker, PairReranker)
    return reranker


@pytest.mark.parametrize("word", ["documents", "texts"])
def test_a_server_of_either_wording(server: RerankServer, word: str) -> None:
    server.word = word
    reranker = reranker_at(server)
    for _ in range(2):
        first, empty, again = reranker.read("一顿多少钱", TEXTS)
        assert first.evidence == pytest.approx((math.log(9), -20.0, -math.log(9)), abs=1e-6)
        assert (first.answerable, again.evidence) == (first.evidence[0], first.evidence[:1])
        assert (empty.evidence, empty.spans, first.spans) == ((), (), ())
    assert [word in body for body in server.bodies] == [True] * 2 if word == "documents" else [False, True, True]
    assert server.bodies[-1][word] == ["食堂\n一顿午饭十二元。", "食堂\n由居民帮厨。"]
    assert server.bodies[-1]["model"] == "ranker"


def test_a_key_is_sent_and_read_from_a_file(server: RerankServer, tmp_path: Path) -> None:
    server.key = "s3cret"
    (tmp_path / "key").write_text("s3cret\n")
    assert reranker_at(server, key=f"@{tmp_path / 'key'}").read("问", TEXTS)
    with pytest.raises(RerankerError, match=r"answered 401.*RERANKER_KEY"):
        reranker_at(server, key="wrong").read("问", TEXTS)
    with pytest.raises(ModelError, match="reranker_key names the file"):
        reranker_at(server, key=f"@{tmp_path / 'absent'}")


@pytest.mark.parametrize(("reply", "said"), [
    pytest.param(JSONResponse({"results": []}), "one score a text", id="too few"),
    pytest.param(JSONResponse([{"index": 0, "score": 1}, {"index": 7, "score": 1}]), "one score a text", id="a wrong index"),
    pytest.param(JSONResponse([{"index": i, "score": "x"} for i in range(2)]), "one score a text", id="no number"),
    pytest.param(Response('[{"index": 0, "score": NaN}, {"index": 1, "score": 1}]'), "one score a text", id="not finite"),
    pytest.param(Response("<html>"), "one score a text", id="no json"),
    pytest.param(Response("x" * 5_000_000), "more than", id="too much"),
    pytest.param(Response(status_code=500), "answered 500", id="broken"),
])
def test_replies_that_are_of_no_use(server: RerankServer, reply: Response, said: str) -> None:
    server.reply = reply
    with pytest.raises(RerankerError, match=said):
        reranker_at(server).read("问", TEXTS)


@pytest.mark.parametrize("reply", [
    pytest.param(RedirectResponse("/elsewhere", 307), id="307"), pytest.param(RedirectResponse("/elsewhere", 308), id="308"),
    pytest.param(JSONResponse([{"index": f"Bearer {KEY}", "score": 1}]), id="the key is repeated"),
    pytest.param(Response(status_code=500), id="broken"),
])
def test_no_redirect_is_followed_and_no_secret_told(server: RerankServer, reply: Response) -> None:
    server.reply = reply
    address = server.url.replace("://", f"://me:{PASSWORD}@") + f"?token={KEY}-2"
    with pytest.raises(RerankerError, match=r"127\.0\.0\.1") as caught:
        choose_reranker(address, Path(), name="ranker", key=KEY, seconds=20).read("问", TEXTS)
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (*PASSWORD.split("@"), KEY, f"{KEY}-2") if secret in told]
    assert len(server.bodies) == 1


def test_a_password_with_a_slash_is_not_told() -> None:
    with pytest.raises(RerankerError, match="%2F") as caught:
        choose_reranker(WRONG, Path()).read("问", TEXTS)
    assert "begin/" not in "".join(traceback.format_exception(caught.value))


def test_scores_beyond_one_are_logits(server: RerankServer) -> None:
    server.reply = JSONResponse([{"index": 0, "score": 4.5}, {"index": 1, "score": -3}])
    assert reranker_at(server).read("问", TEXTS)[0].evidence == (4.5, -20.0, -3.0)


def test_the_server_decides_the_order_and_names_no_short_answer(server: RerankServer) -> None:
    evidence = best_first(scored(found("由居民帮厨。", "一顿午饭十二元。"), 0.9, 0.1))
    read = reread("一顿多少钱", evidence, reranker_at(server), ONLY_READ, PLAN, PLAN.budget)
    assert [e.sentence.text for e in read] == ["一顿午饭十二元。", "由居民帮厨。"]
    assert read[0].reading.span is None


def test_without_its_server_the_evidence_stays_as_it_was(server: RerankServer, caplog: pytest.LogCaptureFixture) -> None:
    server.reply = Response(status_code=503)
    evidence = best_first(scored(found("由居民帮厨。", "一顿午饭十二元。"), 0.9, 0.1))
    [same] = rerank_all([("一顿多少钱", evidence)], reranker_at(server), ONLY_READ, PLAN, LatencyBudget(math.inf), PLAN.budget)
    assert same == evidence
    assert not was_reranked(same)
    assert "503" in caplog.text


@pytest.fixture(scope="module")
def cross_encoder(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CrossEncoder with random weights over the tiny network's tokenizer, saved as sentence-transformers saves one."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import AutoConfig, AutoTokenizer, BertForSequenceClassification

    torch.manual_seed(4)
    base = tmp_path_factory.mktemp("base")
    config = AutoConfig.from_pretrained(tiny, num_labels=1)
    BertForSequenceClassification(config).save_pretrained(base)
    AutoTokenizer.from_pretrained(tiny).save_pretrained(base)
    folder = tmp_path_factory.mktemp("cross") / "tiny-cross"
    CrossEncoder(str(base), device="cpu").save_pretrained(str(folder))
    return folder


def test_a_cross_encoder_reads_like_its_model(cross_encoder: Path) -> None:
    from sentence_transformers import CrossEncoder

    reranker = choose_reranker(str(cross_encoder), Path())
    assert reranker.name == "cross-encoder tiny-cross"
    assert reranker.family != FAMILY
    first, _, again = reranker.read("一顿多少钱", TEXTS)
    model = CrossEncoder(str(cross_encoder), device="cpu")
    inputs = model.tokenizer([("一顿多少钱", "食堂\n一顿午饭十二元。")], return_tensors="pt")
    assert first.evidence[0] == pytest.approx(float(model.model(**inputs).logits[0, 0].detach()), abs=1e-2)
    assert again.evidence[0] == first.evidence[0]
    assert len({round(x, 6) for x in first.evidence}) == 3


@pytest.mark.parametrize("made", [False, True], ids=["missing", "no model"])
def test_a_cross_encoder_that_cannot_be_opened(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "model"
    if made:
        folder.mkdir()
        (folder / "config.json").write_text("{")
    with pytest.raises(EncoderError, match=r"is no CrossEncoder.*LINJIAN_RERANKER=on"):
        choose_reranker(str(folder), Path())


def test_off_and_on(e5_folder: Path) -> None:
    assert choose_reranker("off", Path()) is None
    assert isinstance(choose_reranker("on", e5_folder.parent), NetworkReranker)
