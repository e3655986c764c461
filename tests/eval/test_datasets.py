"""Every format that an evaluator may bring: small files in it, read; and bad ones, told. Run: python -m pytest -q
tests/eval/test_datasets.py"""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.rgb import read_rgb
from eval.datasets.shorten import shorten
from eval.datasets.suites import Options, open_suite
from eval.datasets.types import Document, EvalCase, Gold, Suite, SuiteError


def put(path: Path, *rows: Any) -> Path:
    """Write a text, or rows as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_the_format_in_the_manual_works_as_it_is_printed(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "evaluate.md").read_text("utf-8")
    code, = (block for block in re.findall(r"```python\n(.*?)```", manual, re.S) if "def read_tsv" in block)
    names: dict[str, Any] = {"__name__": "eval.datasets.tsv"}
    exec(code, names)  # our own manual
    suite = names["read_tsv"](put(tmp_path / "s.tsv", "建了什么?\t车棚\t甲社区建了车棚。"))
    assert (suite.cases[0].groups, suite.documents[0].text) == ((("车棚",),), "甲社区建了车棚。")
    with pytest.raises(SuiteError, match="line 1, field 'answer': Field required"):
        names["read_tsv"](put(tmp_path / "bad.tsv", "只有问题"))


def test_pages(tmp_path: Path) -> None:
    put(tmp_path / "articles" / "甲.txt", "车棚\n甲社区建了车棚。")
    put(tmp_path / "questions.jsonl", {"id": 1, "question": "建了什么?", "answerable": True, "answers": ["车棚", "甲"],
                                       "evidence": [{"file": "甲.txt", "community": "甲社区", "quote": "建了车棚"}]})
    suite = open_suite(tmp_path)
    assert (suite.format, suite.pages, len(suite.cases)) == ("pages", tmp_path / "articles", 1)
    assert suite.cases[0].groups == (("车棚",), ("甲",))  # a right answer holds each
    elsewhere = put(tmp_path / "apart" / "dev.jsonl", *(tmp_path / "questions.jsonl").read_text("utf-8").splitlines())
    assert open_suite(elsewhere, Options(pages=tmp_path / "articles")).corpus_fingerprint == suite.corpus_fingerprint


@pytest.mark.parametrize(("evidence", "what"), [
    pytest.param({"file": "乙.txt", "quote": "建了"}, "evidence.0.file': there is no page '乙.txt'", id="no such page"),
    pytest.param({"file": "甲.txt", "quote": "拆了"}, "evidence.0.quote': does not stand in '甲.txt'", id="quote made up"),
])
def test_gold_must_stand_on_a_page(tmp_path: Path, evidence: dict, what: str) -> None:
    put(tmp_path / "articles" / "甲.txt", "甲社区建了车棚。")
    put(tmp_path / "questions.jsonl", {"id": 1, "question": "问", "answerable": True, "evidence": [evidence]})
    with pytest.raises(SuiteError, match="line 1") as caught:
        open_suite(tmp_path)
    assert what in str(caught.value)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_corpus(tmp_path: Path, packed: bool) -> None:
    corpus = put(tmp_path / "corpus.jsonl", {"id": "d1", "title": "题", "text": "有12人。"}, {"id": "d2", "text": "无关。"})
    if packed:
        (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus.read_bytes()))
        corpus.unlink()
    put(tmp_path / "questions.jsonl",
        {"id": "q1", "question": "几人?", "answers": ["12人", "十二人"], "relevant": ["d1"], "answerable": True, "evidence": ["有12人。"]},
        {"id": "q2", "question": "谁和谁?", "answers": ["甲", "乙"], "answer_groups": [["甲"], ["乙", "小乙"]], "relevant": [], "answerable": True})
    suite = open_suite(tmp_path)
    assert suite.documents == (Document("d1", "题", "有12人。"), Document("d2", "", "无关。"))
    assert suite.cases[0].groups == (("12人", "十二人"),)  # wordings of one answer
    assert suite.cases[0].evidence == (Gold("d1", "", "有12人。"),)
    assert suite.cases[1].groups == (("甲",), ("乙", "小乙"))


def test_beir(tmp_path: Path) -> None:
    put(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "T", "text": "x"}, {"_id": "d2", "title": "", "text": "y"})
    put(tmp_path / "queries.jsonl", {"_id": "q1", "text": "one?"}, {"_id": "q2", "text": "not judged"})
    put(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0")
    suite = open_suite(tmp_path)
    assert suite.cases == (EvalCase("q1", "one?", "", True, relevant=(("d1", 2),)),)
    assert [d.full_text for d in suite.documents] == ["T\nx", "y"]


SQUAD = {"data": [{"title": "车棚", "paragraphs": [{"context": "甲社区很大。它建了3个车棚。", "qas": [
    {"id": "a", "question": "几个?", "answers": [{"text": "3个", "answer_start": 9}, {"text": "3个车棚", "answer_start": 9}]},
    {"id": "b", "question": "几个?", "answers": [{"text": "3个", "answer_start": -1}]},
    {"id": "c", "question": "谁?", "answers": [], "is_impossible": True}]}]}]}


def test_squad(tmp_path: Path) -> None:
    path = tmp_path / "cmrc.json"
    path.write_text(json.dumps(SQUAD, indent=1), "utf-8")
    suite = open_suite(path)
    first, second, third = suite.cases
    assert suite.documents == (Document("0-0", "车棚", "甲社区很大。它建了3个车棚。"),)
    assert first.groups == (("3个", "3个车棚"),)
    assert first.evidence == second.evidence == (Gold("0-0", "", "它建了3个车棚。"),)
    assert (third.answerable, third.groups) == (False, ())


POSITIVE, NEGATIVE = [f"好{n}" for n in range(6)], [f"坏{n}" for n in range(6)]
RGB = {"id": 0, "query": "问?", "answer": ["甲", ["乙", "小乙"]], "positive": POSITIVE, "negative": NEGATIVE}


@pytest.mark.parametrize(("noise", "good", "bad"), [(0, 5, 0), (0.2, 4, 1), (0.4, 3, 2), (0.6, 2, 3), (0.8, 1, 4), (1, 0, 5)])
def test_rgb_gives_its_share_of_noise(tmp_path: Path, noise: float, good: int, bad: int) -> None:
    suite = open_suite(put(tmp_path / "zh.json", RGB), Options(noise=noise))
    case, = suite.cases
    given = [next(d.text for d in suite.documents if d.id == g) for g in case.given]
    assert (sorted(set(given) & set(POSITIVE)), sorted(set(given) & set(NEGATIVE))) == (POSITIVE[:good], NEGATIVE[:bad])
    assert (case.answerable, case.type) == ((True, "noise") if good else (False, "rejection"))
    assert case.groups == ((("甲",), ("乙", "小乙")) if good else ())


def test_rgb_integration_gives_one_of_each_part_first(tmp_path: Path) -> None:
    suite = read_rgb(put(tmp_path / "zh_int.json", RGB | {"positive": [["甲1", "甲2"], ["乙1"]], "answer": [["甲"], ["乙"]]}), noise=0.4)
    case, = suite.cases
    assert case.type == "integration"
    assert {d.text for d in suite.documents} == {"甲1", "乙1", "甲2", "坏0", "坏1"}


def test_rgb_counterfactual_plants_the_wrong_ones(tmp_path: Path) -> None:
    path = put(tmp_path / "zh_fact.json", RGB | {"positive_wrong": [f"错{n}" for n in range(6)], "fakeanswer": "丙"})
    case, = read_rgb(path, noise=0.4).cases
    texts = {d.text for d in read_rgb(path, noise=0.4).documents}
    assert (case.type, case.wrong_answers) == ("counterfactual", ("丙",))
    assert (sum(t[0] == "错" for t in texts), sum(t[0] == "坏" for t in texts)) == (3, 2)
    assert read_rgb(path, noise=0.4, seed=0) == read_rgb(path, noise=0.4, seed=0) != read_rgb(path, noise=0.4, seed=5)


def test_crud(tmp_path: Path) -> None:
    path = tmp_path / "split_merged.json"
    path.write_text(json.dumps({
        "event_summary": [{"ID": "s", "text": "别的新闻"}],
        "questanswer_2docs": [{"ID": "x", "questions": "问?", "answers": "答", "news1": "一", "news2": "二"}],
        "questanswer_1doc": [{"ID": "y", "questions": ["甲?", "乙?"], "answers": ["1", "2"], "news1": "一"}]}), "utf-8")
    suite = open_suite(path)
    assert {d.text for d in suite.documents} == {"别的新闻", "一", "二"}
    assert [(c.id, c.type, len(c.relevant), c.groups) for c in suite.cases] == [
        ("x", "questanswer_2docs", 2, (("答",),)), ("y-1", "questanswer_1doc", 1, (("1",),)), ("y-2", "questanswer_1doc", 1, (("2",),))]


DOCUMENT, QUESTION = {"id": "d", "text": "x"}, {"id": "q", "question": "?", "answerable": True}


@pytest.mark.parametrize(("files", "what"), [
    pytest.param({"corpus.jsonl": [{"id": "d"}], "questions.jsonl": [QUESTION]}, "corpus.jsonl', line 1, field 'text': Field required", id="corpus: no text"),
    pytest.param({"corpus.jsonl": [DOCUMENT, DOCUMENT], "questions.jsonl": [QUESTION]}, "line 2, field 'id': repeats 'd'", id="corpus: id twice"),
    pytest.param({"corpus.jsonl": [DOCUMENT], "questions.jsonl": [QUESTION | {"relevant": ["e"]}]}, "field 'relevant': there is no document 'e'", id="corpus: no such document"),
    pytest.param({"corpus.jsonl": [DOCUMENT], "questions.jsonl": [QUESTION | {"relevant": ["d"], "evidence": ["y"]}]}, "field 'evidence'", id="corpus: quote from nowhere"),
    pytest.param({"corpus.jsonl": [DOCUMENT], "questions.jsonl": []}, "holds no question", id="corpus: no question"),
    pytest.param({"corpus.jsonl": [{"_id": "d", "text": 5}], "queries.jsonl": [{"_id": "q", "text": "?"}], "qrels/test.tsv": ["h"]}, "field 'text': Input should be a valid string", id="beir: text is a number"),
    pytest.param({"corpus.jsonl": [], "queries.jsonl": [{"_id": "q"}], "qrels/test.tsv": ["h", "q\td"]}, "test.tsv', line 2: needs three cells", id="beir: two cells"),
    pytest.param({"corpus.jsonl": [{"_id": "d", "text": "x"}], "queries.jsonl": [{"_id": "q", "text": "?"}], "qrels/test.tsv": ["h", "z\td\t1", "q\te\t1"]}, "line 3, field 'corpus-id': there is no document 'e'", id="beir: unknown ids"),
    pytest.param({"corpus.jsonl": [], "queries.jsonl": []}, "test.tsv' cannot be read", id="beir: no qrels"),
    pytest.param({"readme.txt": ["x"]}, "looks like no suite", id="a folder of something else"),
])
def test_a_bad_folder_is_told(tmp_path: Path, files: dict[str, list], what: str) -> None:
    for name, rows in files.items():
        put(tmp_path / name, *rows)
    with pytest.raises(SuiteError) as caught:
        open_suite(tmp_path)
    assert what in str(caught.value)


@pytest.mark.parametrize(("content", "what"), [
    pytest.param({"data": [{"title": "t"}]}, "data.0, field 'paragraphs': Field required", id="squad: no paragraphs"),
    pytest.param({"data": [{"paragraphs": [{"context": "x", "qas": [{"id": 1, "question": "?", "answers": []}]}]}]}, "data.0.paragraphs.0.qas.0, field 'answers': is empty", id="squad: no answer"),
    pytest.param({"data": [{"paragraphs": [{"context": "x", "qas": [{"id": 1, "question": "?", "answers": [{"text": "y"}]}]}]}]}, "'y' does not stand in the paragraph", id="squad: answer from nowhere"),
    pytest.param({"data": [{"paragraphs": [{"context": "x", "qas": [{"id": 1, "question": 3}]}]}]}, "field 'paragraphs.0.qas.0.question'", id="squad: question is a number"),
    pytest.param({"questanswer_1doc": [{"ID": "a", "questions": "?", "answers": "!"}]}, "questanswer_1doc.0, field 'news1': is missing", id="crud: no article"),
    pytest.param({"questanswer_1doc": [{"questions": "?", "answers": "!", "news1": "x"}]}, "questanswer_1doc.0, field 'ID': Field required", id="crud: no id"),
    pytest.param({"questanswer_1doc": {}}, "questanswer_1doc: must be a list", id="crud: a task that is no list"),
    pytest.param({"query": "?", "id": 1, "answer": [], "positive": [], "negative": "x"}, "line 1, field 'negative': Input should be a valid list", id="rgb: negative is a text"),
    pytest.param({"query": "?", "id": 1, "answer": ["x"], "positive": [], "negative": []}, "field 'positive': gives no document", id="rgb: nothing to give"),
    pytest.param({"other": 1}, "looks like no suite", id="another JSON"),
    pytest.param([], "looks like no suite", id="an empty list"),
])
def test_a_bad_file_is_told(tmp_path: Path, content: Any, what: str) -> None:
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    with pytest.raises(SuiteError) as caught:
        open_suite(path)
    assert what in str(caught.value)


def test_the_first_ten_faults_are_told_together(tmp_path: Path) -> None:
    path = put(tmp_path / "questions.jsonl", *({"id": n, "question": "?"} for n in range(13)))
    with pytest.raises(SuiteError) as caught:
        open_suite(path, Options(pages=put(tmp_path / "p" / "a.txt", "x").parent))
    lines = str(caught.value).split("\n")
    assert [f"line {n}, field 'answerable'" in line for n, line in enumerate(lines[:10], start=1)] == [True] * 10
    assert lines[10:] == ["… and 3 more", "See docs/evaluate.md for the layout."]


def test_a_shorter_suite_keeps_what_its_questions_need() -> None:
    documents = tuple(Document(str(n), "", str(n)) for n in range(50))
    cases = tuple(EvalCase(str(n), "?", "", True, relevant=((str(n), 1),)) for n in range(20))
    whole = Suite("s", "corpus", cases, documents)
    short = shorten(whole, limit=5, documents=12, seed=3)
    assert (len(short.cases), len(short.documents)) == (5, 12)
    assert {d for case in short.cases for d, _ in case.relevant} <= {d.id for d in short.documents}
    assert shorten(whole, limit=5, documents=12, seed=3) == short
    assert shorten(whole, limit=None, documents=None, seed=3) == whole
    assert short.corpus_fingerprint != whole.corpus_fingerprint


def test_a_shorter_suite_keeps_what_is_hard_to_tell_apart() -> None:
    documents = tuple(Document(str(n), "", f"{'甲社区建了车棚' if n < 3 else '无关的话'}{n}。") for n in range(40))
    cases = (EvalCase("q", "车棚建在哪个社区?", "", True, relevant=(("9", 1),), negatives=("30", "31")),)
    short = shorten(Suite("s", "corpus", cases, documents), limit=None, documents=7, hard=3, seed=0)
    kept = {d.id for d in short.documents}
    assert {"0", "1", "2", "9", "30", "31"} < kept  # the nearest by words, the relevant one, those judged
    assert len(kept) == 7


def test_a_question_that_does_not_stand_alone_is_left_out(tmp_path: Path) -> None:
    put(tmp_path / "corpus.jsonl", {"id": "d1", "text": "有12人。"}, {"id": "d2", "text": "无关。"})
    put(tmp_path / "questions.jsonl",
        {"id": "q1", "question": "这里几人?", "relevant": ["d1"], "answerable": True, "self_contained": False},
        {"id": "q2", "question": "甲社区几人?", "relevant": ["d1"], "answerable": True, "judged_pool": ["d1", "d2"]})
    case, = open_suite(tmp_path).cases
    assert (case.id, case.negatives) == ("q2", ("d2",))
    put(tmp_path / "questions.jsonl", {"id": "q1", "question": "几人?", "answerable": False, "negatives": ["d7"]})
    with pytest.raises(SuiteError, match=r"line 1, field 'negatives': there is no document 'd7'"):
        open_suite(tmp_path)
