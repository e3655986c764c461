"""Which sentences a source carries. Run: python -m pytest -q tests/assistant/verify/test_verify.py"""

import json
from pathlib import Path

import pytest

from assistant.verify.premise import Premise, Statement
from assistant.verify.verify import FITTED, PLAIN, Verifier, missing_facts
from eval.fit import checked_claims
from index.embedding.encoder import Encoder
from index.errors import ReadError
from index.text.sentences import sentence_bounds

FOLDER = Path(__file__).parents[3] / "examples" / "claims"
CORPUS = {row["id"]: row for row in map(json.loads, (FOLDER / "corpus.jsonl").read_text("utf-8").splitlines())}
CLAIMS = [json.loads(line) for line in (FOLDER / "claims.jsonl").read_text("utf-8").splitlines()]


def premise_of(claim: dict) -> Premise:
    row = CORPUS[claim["evidence"][0]]
    sentences = tuple(row["text"][a:b] for a, b in sentence_bounds(row["text"]))
    return Premise(sentences, f"{row['title']} {row['place']} {row['date']}")


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c["label"] == "supported"], ids=lambda c: c["id"])
def test_a_paraphrase_lacks_no_fact(claim: dict) -> None:
    assert missing_facts(Statement(claim["claim"]), premise_of(claim)) == ()


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c["kind"] in ("number", "place")], ids=lambda c: c["id"])
def test_a_changed_number_or_place_is_noticed(claim: dict) -> None:
    assert missing_facts(Statement(claim["claim"]), premise_of(claim))


def test_most_changed_names_are_noticed() -> None:
    changed = [c for c in CLAIMS if c["kind"] == "name"]
    noticed = [c for c in changed if missing_facts(Statement(c["claim"]), premise_of(c))]
    assert len(noticed) / len(changed) >= 0.7


def test_the_weights_tell_the_claims_apart(encoder: Encoder) -> None:
    """Floors below what was measured on halves not fitted (see assistant/weights/verification.toml): this guards the code,
    not the fit."""
    verifier = Verifier.load()
    own = [c for i, c in enumerate(CLAIMS) if i % 2 == 0]
    texts = [*(c["claim"] for c in own), *(s for c in own for s in premise_of(c).sentences)]
    vectors = dict(zip(dict.fromkeys(texts), encoder.encode_document(list(dict.fromkeys(texts))), strict=True))
    passed: dict[bool, list[bool]] = {True: [], False: []}
    for c in own:
        premise = premise_of(c)
        cosines = [float(vectors[s] @ vectors[c["claim"]]) for s in premise.sentences]
        [found] = verifier.verify(Statement(c["claim"]), [(premise, cosines)])
        assert 0 <= found.probability <= 1
        assert all(0 <= i < len(premise.sentences) for i in found.sentences)
        passed[c["label"] == "supported"].append(found.is_entailed)
    assert sum(passed[True]) / len(passed[True]) >= 0.75
    assert sum(passed[False]) / len(passed[False]) <= 0.12


@pytest.mark.parametrize(("claim", "printed"), [
    ("投诉上升了七成。", "乱停车投诉下降了七成。"), ("账目没有公示。", "账目每月公示在墙上。"), ("去年调解45起，成功47起。", "去年一共调解纠纷47起，成功45起。"),
    ("聘请了民营企业。", "请来国有企业托底。"),
], ids=["direction", "negation", "swapped", "antonym"])
def test_the_contrary_is_never_carried(claim: str, printed: str) -> None:
    for weights in (FITTED, PLAIN):
        [found] = Verifier.load(weights).verify(Statement(claim), [(Premise((printed,)), [1.0])])
        assert not found.is_entailed


@pytest.mark.parametrize("claim", ["", "。", "!!!", "a", "\U0001f642", "3" * 500, "[" * 300, "甲" * 3000])
@pytest.mark.parametrize("printed", ["", "甲乙丙。", "Plain words."], ids=["empty", "Chinese", "English"])
def test_no_text_is_too_strange(claim: str, printed: str) -> None:
    for weights in (FITTED, PLAIN):
        [found] = Verifier.load(weights).verify(Statement(claim), [(Premise((printed,)), [0.5])])
        assert 0 <= found.probability <= 1


def test_broken_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("threshold = 1", "utf-8")
    with pytest.raises(ReadError, match=r"w\.toml.*linjian eval support"):
        Verifier.load(tmp_path / "w.toml")


def test_a_misspelt_feature_is_named_when_the_weights_are_read(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text(FITTED.read_text("utf-8").replace("bigrams =", "bigram ="), "utf-8")
    with pytest.raises(ReadError, match=r"w\.toml.*'bigram'; is 'bigrams' meant"):
        Verifier.load(tmp_path / "w.toml")


@pytest.mark.parametrize(("claim", "carried"), [
    ("食堂每餐12元。", True), ("听雨社区食堂每餐12元。", True), ("食堂每餐13元。", False), ("居民都很满意。", False), ("食堂每餐不收12元。", False),
    ("A meal costs 12 yuan.", True), ("A meal costs 13 yuan.", False), ("A meal is cheap.", False),
], ids=["verbatim", "reworded", "another number", "something else", "the opposite", "translated", "translated wrongly", "nothing to compare"])
def test_without_weights_a_claim_is_carried_by_its_facts_and_words(claim: str, carried: bool) -> None:
    premise = Premise(("听雨社区的食堂每餐收12元。", "老人们都来吃。"))
    [found] = Verifier.for_encoder("some other encoder").verify(Statement(claim), [(premise, [0.0, 0.0])])
    assert found.is_entailed is carried


@pytest.mark.parametrize(("line", "said"), [("{", "line 1"), ('{"id": "a"}', "field 'claim'")], ids=["no JSON", "a field"])
def test_a_broken_claim_is_named(tmp_path: Path, encoder: Encoder, line: str, said: str) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"id": "a", "text": "甲。"}', "utf-8")
    (tmp_path / "claims.jsonl").write_text(line, "utf-8")
    with pytest.raises(ReadError, match=said):
        checked_claims.read_folder(tmp_path, encoder, tmp_path)
