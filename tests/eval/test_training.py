"""Training the reranker: its data, its examples, and that a tiny network learns, resumes and repeats."""

from __future__ import annotations

import json
import random
import re
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import app
from assistant.evidence.network import Vocabulary
from assistant.evidence.reranker import BUNDLED, NetworkReranker, Text, facts_of, read_weights, write_weights
from eval.training import average
from eval.training import train as training
from eval.training.attributes import attribute_questions
from eval.training.examples import UNKNOWN, Recipe, Sampler, batches, find_span
from eval.training.rewording import elsewhere, misspelt, renamed, spoken
from eval.training.training_data import TrainingDocument, TrainingQuestion, half_of, hold_out, judged_half, read_problems
from eval.training.validate import character_f1, plain, validate
from index.errors import ReadError, RerankerError

ARTICLES = Path(training.__file__).with_name("articles")
RECIPE = Recipe(rate=1e-3, head_rate=1e-2, warmup=2, batch=8)


@pytest.fixture(scope="module")
def problems() -> list[TrainingQuestion]:
    return read_problems(ARTICLES / "held")[:24]


def test_our_articles_are_in_order() -> None:
    """Every answer stands in a sentence that is evidence, near-misses have none, and nothing held out was trained on."""
    train, held = (read_problems(ARTICLES / part) for part in ("train", "held"))
    for problem in (*train, *held):
        assert all(0 <= i < len(problem.document.sentences) for i in problem.evidence)
        assert all(any(a in problem.document.sentences[i] for i in problem.evidence) for a in problem.answers)
    assert not {s for p in train for s in p.document.sentences} & {s for p in held for s in p.document.sentences}
    assert sum(not p.evidence for p in held) >= 200


def test_squad_and_our_layout_give_the_same_problems(tmp_path: Path) -> None:
    text, question, answer = "桥建于1901年。后来拆了。", "桥建于哪年", "1901年"
    squad = {"data": [{"title": "桥", "paragraphs": [{"context": text, "qas": [
        {"question": question, "answers": [{"text": answer, "answer_start": 3}]}]}]}]}
    (tmp_path / "squad.json").write_text(json.dumps(squad), encoding="utf-8")
    own = tmp_path / "own"
    own.mkdir()
    (own / "corpus.jsonl").write_text(json.dumps({"id": "1", "title": "桥", "text": text}), encoding="utf-8")
    (own / "questions.jsonl").write_text(json.dumps({"question": question, "answers": [answer], "relevant": ["1"]}), encoding="utf-8")
    expected = [TrainingQuestion(question, TrainingDocument("桥", ("桥建于1901年。", "后来拆了。")), frozenset({0}), (answer,))]
    assert read_problems(tmp_path / "squad.json") == read_problems(own) == expected


@pytest.mark.parametrize(("name", "content", "message"), [
    pytest.param("a.json", "[]", "a.json.*no SQuAD", id="no squad"),
    pytest.param("a.jsonl", "{", "line 1: no JSON", id="no json"),
    pytest.param("a.txt", "", "no training data", id="another format"),
])
def test_data_that_cannot_be_read(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ReadError, match=message):
        read_problems(tmp_path / name)


@pytest.fixture
def judged(tmp_path: Path) -> list[TrainingQuestion]:
    """One question that a document of three answers, and one that none of two does."""
    texts = {"a": "南桥建于1901年。", "b": "南桥长百米。", "c": "北桥建于1950年。", "d": "河很宽。", "e": "河里有鱼。"}
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"id": i, "title": "", "text": text}) for i, text in texts.items()), encoding="utf-8")
    rows = [{"question": "南桥建于哪年", "answers": [], "relevant": ["a"], "judged_pool": ["a", "b", "c"]},
            {"question": "河有多长", "answers": [], "relevant": [], "judged_pool": ["d", "e"]}]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return read_problems(tmp_path)


def test_documents_that_people_judged(judged: list[TrainingQuestion]) -> None:
    answered, *near = judged
    assert (answered.document.sentences, len(answered.against)) == (("南桥建于1901年。",), 2)
    assert [(p.question, p.evidence) for p in near] == [("河有多长", frozenset())] * 2
    parts = [judged_half(judged, half) for half in (0, 1)]
    assert {p.question: half_of(p.question) for p in judged} == {p.question: half for half in (0, 1) for p in parts[half]}
    assert sorted(map(len, parts)) in ([1, 2], [0, 3])


def test_what_was_judged_as_a_whole_tells_of_no_sentence(e5_folder: Path, judged: list[TrainingQuestion]) -> None:
    groups = Sampler(judged, Vocabulary.load(e5_folder), RECIPE).epoch(0)
    asked = next(g for g in groups if len(g) > 1)
    assert [e.answerable for e in asked] == [True, False, False]
    assert asked[0].evidence == (UNKNOWN,)
    assert all(e.evidence == (0.0,) for g in groups for e in g if not e.answerable)


def test_an_answer_over_two_sentences() -> None:
    assert TrainingDocument("", ("甲是一。", "乙是二。", "丙。")).places_of("一。乙") == [(0, 1)]


def test_rewrites() -> None:
    chance = random.Random(0)
    assert len({spoken("怎么办?", chance) for _ in range(20)}) >= 5
    typo = misspelt("社区法律", random.Random(3))
    assert (len(typo), typo != "社区法律") == (4, True)
    moved = TrainingQuestion("和顺社区怎么停车", TrainingDocument("", ("句。",), "东湖市南城区和顺社区"), frozenset({0}))
    assert elsewhere(moved, "红光社区") == "红光社区怎么停车"
    assert elsewhere(TrainingQuestion("怎么停车", moved.document, frozenset()), "红光社区") == ""


@pytest.mark.parametrize(("question", "title", "asked"), [
    pytest.param("南山站几点开", "南山站", {"北河站几点开"}, id="a thing of like name"),
    pytest.param("第3届在哪开", "大会", {f"第{n}届在哪开" for n in (1, 2, 4, 5, 6)}, id="another session"),
    pytest.param("1950年谁当选", "大会", {f"{n}年谁当选" for n in (1947, 1948, 1949, 1951, 1952, 1953)}, id="another year"),
    pytest.param("谁当选", "大会", {""}, id="neither"),
])
def test_questions_about_another_thing(question: str, title: str, asked: set[str]) -> None:
    problem = TrainingQuestion(question, TrainingDocument(title, ("南山站在城南。",)), frozenset({0}))
    assert {renamed(problem, ["北河站", "南山站", "西桥"], random.Random(n)) for n in range(60)} == asked


def test_examples_are_labelled_right(e5_folder: Path, problems: list[TrainingQuestion]) -> None:
    sampler = Sampler(problems, Vocabulary.load(e5_folder), RECIPE)
    groups = sampler.epoch(0)
    assert groups == Sampler(problems, Vocabulary.load(e5_folder), RECIPE).epoch(0)
    for group in groups:
        for example in group:
            assert len(example.evidence) == len(example.inputs.sentences)
            assert example.answerable == (1.0 in example.evidence)
            if example.span:
                inside = [k for k, (a, b) in enumerate(example.inputs.sentences) if a <= example.span[0] < b]
                assert example.evidence[inside[0]] == 1.0
    assert [len(g) for g in groups].count(1 + RECIPE.negatives) == sum(bool(p.evidence) for p in problems)
    assert sum(len(b) for b in batches(groups, RECIPE, 0)) == len(groups)


def test_a_span_is_found_in_evidence_only(e5_folder: Path) -> None:
    words = Vocabulary.load(e5_folder)
    sentences = ["食堂12元。", "公交12元。"]
    tokens = [words.sentence(s) for s in sentences]
    inputs = words.sequence(words.question("公交多少钱"), words.heading(""), tokens)
    first, last = find_span(sentences, tokens, inputs, [False, True], ["12元"])
    assert inputs.sentences[1][0] <= first <= last < inputs.sentences[1][1]
    assert find_span(sentences, tokens, inputs, [True, True], ["13元"]) is None


def test_the_fullest_answer_is_learnt(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"id": "1", "title": "桥", "text": "桥建于1901年春天。"}), encoding="utf-8")
    asked = {"question": "何时", "answers": ["1901年", "1901年春天", "1901年"], "relevant": ["1"]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    assert read_problems(tmp_path)[0].answers == ("1901年春天", "1901年")


def test_what_is_held_out_shares_no_document(problems: list[TrainingQuestion]) -> None:
    train, held = hold_out(problems, every=3)
    assert len(train) + len(held) == len(problems)
    assert held
    assert not {p.document for p in train} & {p.document for p in held}


CANTEEN = TrainingDocument("食堂开张", ("社区食堂开张。", "食堂一顿饭12元。", "书屋也开了。"), "东湖市南城区和顺社区", ours=True)


def test_attributes_are_asked_for_where_they_are_given_and_where_not() -> None:
    made = [p for seed in range(30) for p in attribute_questions([CANTEEN], seed, most=20)]
    answered = [p for p in made if p.evidence]
    assert answered
    assert {(p.evidence, p.answers) for p in answered} == {(frozenset({1}), ("12元",))}
    assert all("食堂" in p.question for p in answered)
    missing = {p.question for p in made if not p.evidence}
    assert any("书屋" in q and "电话" in q for q in missing)
    assert not any("元" in q or "多少钱" in q for q in missing)
    assert list(attribute_questions([CANTEEN], 3)) == list(attribute_questions([CANTEEN], 3))


def test_a_question_moved_elsewhere_is_read_under_its_articles_place(e5_folder: Path) -> None:
    """Without the place nothing in such a window would tell that it is about another one."""
    problem = TrainingQuestion("和顺社区食堂多少钱", CANTEEN, frozenset({1}), ("12元",))
    other = TrainingQuestion("柳岸社区书屋在哪", TrainingDocument("书屋", ("书屋在二楼。",), "西湖市柳岸社区", ours=True), frozenset({0}))
    words = Vocabulary.load(e5_folder)
    place = words.encode("和顺社区", 40).ids[-2:]
    moved = words.question("柳岸社区食堂多少钱").ids
    recipe = Recipe(placed=0.0, spoken=0.0, misspelt=0.0)
    examples = [e for n in range(40) for g in Sampler([problem, other], words, recipe).epoch(n) for e in g]
    swapped = [e for e in examples if e.inputs.ids[1:1 + len(moved)] == moved]
    assert swapped
    assert not any(e.answerable for e in swapped)
    for e in swapped:
        text = e.inputs.ids[1 + len(moved):]
        assert any(text[i:i + len(place)] == place for i in range(len(text)))


@pytest.mark.parametrize(("said", "gold"), [("12元。", "12元"), ("“DC 漫画”", "dc漫画")])
def test_punctuation_is_no_difference(said: str, gold: str) -> None:
    assert plain(said) == plain(gold)


@pytest.mark.parametrize(("said", "gold", "f1"), [("12元", "12元", 1.0), ("", "12元", 0.0), ("1元", "12元", 0.8)])
def test_character_f1(said: str, gold: str, f1: float) -> None:
    assert character_f1(said, gold) == pytest.approx(f1)


def run(out: Path, problems: list[TrainingQuestion], embeddings: Path, limit: int, every: int = 100) -> list:
    torch.set_num_threads(1)
    return training.train(out, [training.Stage(problems, 3.0)], problems[:8], embeddings, RECIPE, limit, every)


def test_a_tiny_network_learns_resumes_and_repeats(tiny: Path, problems: list[TrainingQuestion], tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(tmp_path / "first", problems, tiny, limit=24)
    losses = json.loads((tmp_path / "first" / "stage0.losses.json").read_text())
    assert sum(losses[-8:]) < sum(losses[:8])

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "validate", interrupted)  # runs after the checkpoint of step 12 is written
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "second", problems, tiny, limit=24, every=12)
    again = run(tmp_path / "second", problems, tiny, limit=24)
    # The weights agree to 1e-6, which can turn one pair of near-equal logits around: the figures agree to two digits.
    assert [astuple(figures) for figures in again] == [pytest.approx(astuple(figures), abs=0.01) for figures in first]
    weights = [load_file(tmp_path / name / "stage0.safetensors") for name in ("first", "second")]
    assert all(torch.allclose(weights[0][k], weights[1][k], atol=1e-6) for k in weights[0])


def test_a_run_goes_on_from_packed_weights(tiny: Path, problems: list[TrainingQuestion], tmp_path: Path) -> None:
    run(tmp_path / "first", problems, tiny, limit=2)
    before = {name: value.numpy() for name, value in load_file(tmp_path / "first" / "stage0.safetensors").items()}
    write_weights(tmp_path / "packed", before, {})
    still = replace(RECIPE, rate=0.0, head_rate=0.0)
    training.train(tmp_path / "second", [training.Stage(problems, 1.0)], problems[:8], tiny, still, limit=1, start=tmp_path / "packed")
    after = load_file(tmp_path / "second" / "stage0.safetensors")
    started = read_weights(tmp_path / "packed")
    assert after.keys() == started.keys()
    assert all(np.allclose(after[name].numpy(), started[name], atol=1e-6) for name in started)


@pytest.mark.slow
def test_the_command_trains_the_real_network_a_little(e5_folder: Path, tmp_path: Path) -> None:
    """As `make train-reranker LIMIT=6` does it, on a few articles: the loss falls, and what is packed can be read with."""
    rows = (ARTICLES / "held" / "A-10.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    data, out, packed = tmp_path / "few.jsonl", tmp_path / "out", tmp_path / "reranker.safetensors"
    data.write_text("\n".join(rows), encoding="utf-8")
    command = [str(out), "--models", str(e5_folder.parent), "--threads", "1", "--stage", f"{data}:2", "--limit", "6",
               "--validate", str(data), "--pack", str(packed)]
    assert app.main(["eval", "train", *command]) == 0
    losses = json.loads((out / "stage0.losses.json").read_text())
    assert len(losses) == 6
    assert sum(losses[-2:]) < sum(losses[:2])
    assert f"{data}: " in (out / "log.txt").read_text(encoding="utf-8")
    assert packed.stat().st_size <= 45_000_000
    assert NetworkReranker(e5_folder, packed, precision="float32").read("食堂", [Text("", ("食堂开张。",))])[0].evidence


def test_validation_of_an_untrained_network_is_chance(tiny: Path, problems: list[TrainingQuestion]) -> None:
    from assistant.evidence.network import RerankerNetwork

    result = validate(RerankerNetwork.from_embedding_model(tiny), Vocabulary.load(tiny), problems, RECIPE)
    assert result.questions == len(problems)
    assert result.f1 < 0.6


def test_the_mean_of_two_rerankers(tmp_path: Path) -> None:
    one, other, mean = (tmp_path / name for name in ("one", "other", "mean"))
    rows = np.array([[1.0, -0.5], [2.0, 4.0]], np.float32)
    write_weights(one, {"matrix": rows, "vector": np.array([1.0, 2.0])}, {"headings": "x"})
    write_weights(other, {"matrix": 3 * rows, "vector": np.array([3.0, 2.0])}, {"headings": "x"})
    assert app.main(["eval", "average", str(mean), str(one), str(other)]) == 0
    assert np.allclose(read_weights(mean)["matrix"], 2 * rows, atol=0.05)
    assert read_weights(mean)["vector"].tolist() == [2.0, 2.0]
    assert facts_of(mean) == {"headings": "x", "averaged": "2"}
    write_weights(other, {"matrix": rows}, {"headings": "x"})
    with pytest.raises(RerankerError, match=r"other' is no reranker like .*one'"):
        average.average([one, other], mean)


def test_weights_name_no_folder_of_the_machine_that_made_them() -> None:
    assert training._named("/home/me/data/cmrc2018-dev,eval/training/cases:0.5") == "data/cmrc2018-dev,training/cases:0.5"
    for path in (BUNDLED, *ARTICLES.parents[2].glob("index/cases/*.safetensors"), *BUNDLED.parent.glob("*.safetensors")):
        assert not re.search(rb"/(?:work|home|root|tmp|Users)/", path.read_bytes()[:20_000]), path.name
