"""The claims that the verifier learns from: what is read of them, what is made of them, and what is measured."""

import json
import random
from pathlib import Path

import pytest

from assistant.evidence.network import Vocabulary
from eval.claims.claim_pairs import changed, is_held, read_claims
from eval.claims.edits import Words, edit
from eval.claims.measure_claims import ShownClaim, shares
from eval.claims.train_entailment import ClaimSampler, EntailmentRecipe, loss_of

EVAL = Path(__file__).parents[2] / "eval"
GROUPS = read_claims(EVAL / "claims" / "data", EVAL / "training" / "cases")
WORDS = Words({"n": ["食堂"]}, {"n": ["食堂", "电梯"], "v": ["修好"]}, ["居民都满意"])


def test_every_claim_is_about_sentences_of_its_article() -> None:
    assert len(GROUPS) > 2500
    for group in GROUPS:
        article = group.pairs[0].article
        assert {p.article.id for p in group.pairs} == {article.id}
        assert {p.carried for p in group.pairs} == {True, False}
        assert all(0 <= n < len(article.sentences) for p in group.pairs for n in p.sentences)


def test_where_a_claim_goes_wrong_lies_inside_it() -> None:
    for group in GROUPS:
        for pair in group.pairs:
            assert pair.carried == (pair.unsaid == ())
            assert all(0 <= a < b <= len(pair.claim) for a, b in pair.unsaid or ())


@pytest.mark.parametrize(("claim", "true", "ranges"), [
    pytest.param("换了36盏灯。", ["换了18盏灯。"], ((2, 4),), id="another number"),
    pytest.param("换了灯。", ["没换了灯。"], ((0, 1),), id="left out"),
    pytest.param("换了灯，都满意。", ["换了灯。"], ((3, 7),), id="a tail"),
    pytest.param("完全是别的事情。", ["换了18盏灯。"], None, id="nothing alike"),
])
def test_the_characters_that_differ(claim: str, true: list[str], ranges: tuple | None) -> None:
    assert changed(claim, true) == ranges


def test_sets_are_held_out_by_their_names_alone() -> None:
    names = {group.set for group in GROUPS}
    held = {name for name in names if is_held(name)}
    assert 8 <= len(held) <= 20
    assert sum(len(g.pairs) for g in GROUPS if g.set in held) >= 2000


@pytest.mark.parametrize("claim", ["街道装了36部电梯，花了12个月。", "没有人反对。", "Residents agreed.", "。"])
def test_an_edited_claim_differs_where_it_says_so(claim: str) -> None:
    chance = random.Random(1)
    for _ in range(40):
        if made := edit(claim, WORDS, chance):
            text, ranges = made
            assert text != claim
            assert all(0 <= a < b <= len(text) for a, b in ranges)


def test_an_epoch_is_the_same_again_and_labels_its_tokens(e5_folder: Path) -> None:
    torch = pytest.importorskip("torch")
    from assistant.verify.entailment_network import Entailments

    vocabulary = Vocabulary.load(e5_folder)
    first, again = (ClaimSampler(GROUPS[:6], vocabulary, EntailmentRecipe()).epoch(3) for _ in range(2))
    assert first == again
    for group in first:
        assert {e.carried for e in group} == {0.0, 1.0}
        for e in group:
            assert len(e.unsaid) == len(e.inputs.offsets) == e.inputs.claim[1] - e.inputs.claim[0]
            assert e.carried == 0.0 or set(e.unsaid) == {0.0}
    flat = [e for group in first for e in group]
    most = max(len(e.unsaid) for e in flat)
    right = Entailments(torch.tensor([8.0 * (2 * e.carried - 1) for e in flat]),
                        torch.tensor([[8.0 * (2 * u - 1) for u in e.unsaid] + [-9.0] * (most - len(e.unsaid)) for e in flat]))
    wrong = Entailments(-right.carried, -right.unsaid)
    assert loss_of(right, first) < 0.1 < loss_of(wrong, first)


def test_shares_are_counted_by_category_and_by_truth() -> None:
    shown = [ShownClaim("unit", "a", supported=False, shown=True), ShownClaim("unit", "b", supported=False, shown=False),
             ShownClaim("true", "c", supported=True, shown=True)]
    assert shares(shown) == {"all that are false": (1, 2), "unit": (1, 2), "all that are true": (1, 1), "true": (1, 1)}


def test_every_line_of_the_sets_has_the_fields_that_are_read() -> None:
    for path in sorted((EVAL / "claims" / "data").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            assert set(json.loads(line)) == {"article", "sentences", "true", "false"}, path.name
