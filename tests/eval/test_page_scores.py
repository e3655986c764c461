"""The truth about pages, its mistakes, and the scores. Run: python -m pytest -q tests/eval/test_page_scores.py"""

import json
import re
from dataclasses import astuple
from pathlib import Path

import pytest

import app
from eval.datasets.page_truth import TrueArticle, TruePlace, read_truth
from eval.metrics.page_scores import METRICS, PageScore, Tally, as_json, score_page, score_pages
from index.errors import ReadError
from index.pages.articles import read_articles
from index.types import Source

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
FIVE = ROOT / "eval" / "datasets" / "five_pages.json"
GOOD = {"id": "a-1", "file": "a.txt", "start": 1, "end": 4, "headline": "题", "label_lines": [2], "joins": [[3, 4]],
        "sentence_places": [{"line": 3, "chain": ["某区", "某社区"]}, {"line": 4, "column": 5, "chain": []}], "remark": "for people"}
FIRST = "桂花巷社区把收费标准贴到墙上,谁家交了、交了多少,一眼就能看见。居民说,账目清楚了,大家才愿意掏这个钱。"
SECOND = "街道随后请来国企物业兜底,头一年的服务费由街道补一半。第二年开始,住户按面积自己交,收缴率到了九成。"
PAGE = ["一碗热饭的距离", "本报记者 林知远", "澄湖区和顺街道" + FIRST, "先把人找齐", SECOND, "", "电梯来了", "本报记者 苏晴", SECOND, FIRST, "责任编辑:李昕"]


def write(path: Path, rows: object) -> Path:
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows, ensure_ascii=False), "utf-8")
    return path


def true(**fields: object) -> TrueArticle:
    row = {"id": "a", "file": "a.txt", "start": 1, "end": 5, "headline": "一碗热饭的距离", "kind": "feature", "label_lines": (), "caption_lines": (),
           "section_lines": (), "credit_lines": (), "joins": (), "sentence_places": ()}
    return TrueArticle(**(row | fields))


def score(*truth: TrueArticle, lines: list[str] = PAGE) -> PageScore:
    source = Source("a.txt", "a.txt", "\n".join(lines), "0", "utf-8")
    return score_page(source, read_articles(source), truth)[0]


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    article, = read_truth(write(tmp_path / "t.json", [GOOD]))
    assert (article.id, article.headline, article.label_lines, article.joins, article.noise_lines) == ("a-1", "题", (2,), ((3, 4),), {2})
    assert article.sentence_places == (TruePlace(3, ("某区", "某社区")), TruePlace(4, (), 5))


def test_the_last_json_block_of_a_markdown_file_is_read(tmp_path: Path) -> None:
    text = f"# Pages\n\n```json\n[]\n```\n\n```json\n{json.dumps([GOOD])}\n```\n"
    assert [a.id for a in read_truth(write(tmp_path / "t.md", text))] == ["a-1"]


@pytest.mark.parametrize(("headline", "read"), [({"headline": None}, ""), ({}, None)], ids=["has-none", "not-said"])
def test_no_headline_is_not_the_same_as_not_saying(tmp_path: Path, headline: dict, read: str | None) -> None:
    row = {k: v for k, v in GOOD.items() if k != "headline"} | headline
    assert read_truth(write(tmp_path / "t.json", [row]))[0].headline == read


@pytest.mark.parametrize(("rows", "told"), [
    ("{", "Invalid JSON"), ("[]", "must be a list of articles"), ("{}", "should be a valid array, not {}"), ([3], "entry 1: Input should be an object, not 3"),
    ([GOOD, {"id": "b", "file": "b.txt", "start": 1}], "entry 2, field 'end': Field required"),
    ([GOOD | {"start": 0}], "entry 1, field 'start': Input should be greater than or equal to 1, not 0"),
    ([GOOD | {"start": True}], "field 'start'"), ([GOOD | {"start": 9}], "entry 1, field 'end': line 4 lies before 'start', line 9"),
    ([GOOD | {"file": 3}], "field 'file': Input should be a valid string, not 3"), ([GOOD, GOOD], "entry 2, field 'id': 'a-1' stands there twice"),
    ([GOOD | {"joins": [[3]]}], "field 'joins', item 1"), ([GOOD | {"label_lines": "2"}], "field 'label_lines': Input should be a valid array"),
    ([GOOD | {"sentence_places": [{"line": 1}]}], "field 'sentence_places', item 1, field 'chain'"),
    ([GOOD | {"sentence_places": [{"line": 1, "chain": "某区"}]}], "field 'sentence_places', item 1, field 'chain'"),
    ([{}] * 9, "and 26 more"),
], ids=["json", "empty", "object", "number", "missing", "zero", "bool", "backwards", "file", "twice", "join", "lines", "place", "chain", "many"])
def test_a_bad_truth_file_is_told_and_exits_with_2(rows: object, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "t.json", rows)
    with pytest.raises(ReadError, match=re.escape(told)):
        read_truth(path)
    assert app.main(["eval", "pages", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("linjian: ")
    assert str(path) in err


def test_a_page_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["eval", "pages", str(write(tmp_path / "t.json", [GOOD]))]) == 2
    assert "holds no page 'a.txt'" in capsys.readouterr().err


def test_everything_right() -> None:
    first = true(section_lines=(4,), sentence_places=(TruePlace(3, ("澄湖区", "和顺街道", "桂花巷社区")),))
    got = score(first, true(id="b", start=7, end=10, headline="电梯来了"))
    assert got == PageScore(Tally(4, 4), Tally(2, 2), Tally(2, 2), Tally(4, 4), Tally(), Tally(2, 2))


def test_what_is_wrong_is_counted() -> None:
    # One article too many found, one headline wrong, a line of text called noise, a join that is none, a wrong place.
    got = score(true(end=11, headline="两碗热饭", caption_lines=(5,), joins=((3, 5),), sentence_places=(TruePlace(3, ("南浦区", "桂花巷社区"), 1),)))
    assert [astuple(getattr(got, name)) for name in METRICS.values()] == [(2, 3), (0, 1), (0, 1), (3, 3), (0, 1), (0, 1)]


@pytest.mark.parametrize(("chain", "right"), [
    (("桂花巷社区",), True), (("澄湖区", "和顺街道", "桂花巷社区"), True), (("云泽市", "澄湖区", "桂花巷社区"), True),
    (("南浦区", "桂花巷社区"), False), (("和顺街道",), False), ((), False), (("和顺街道", "桂花社区"), False),
], ids=["narrowest", "chain", "wider", "other-district", "street", "none", "other"])
def test_a_place_is_right_when_the_narrowest_is_and_none_around_it_speaks_against(chain: tuple[str, ...], right: bool) -> None:
    lines = ["一碗热饭的距离", "本报记者 林知远", "澄湖区和顺街道" + FIRST.replace("。", ",", 1)]
    assert score(true(end=3, sentence_places=(TruePlace(3, chain, 2),)), lines=lines).places == Tally(int(right), 1)


def test_json_gives_null_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("\n".join(PAGE), "utf-8")
    row = {"id": "a", "file": "a.txt", "start": 1, "end": 5, "section_lines": [4]}
    truth = write(tmp_path / "truth.json", [row])
    assert app.main(["eval", "pages", str(truth), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert {name for name in METRICS if out[name] is None} == {"headline_accuracy", "joins_repaired", "place_accuracy"} == set(out["reasons"])
    assert out["boundary_f1"] == out["pages"][0]["boundary_f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert out["counts"]["noise_kept_out"] == {"right": 4, "total": 6}
    assert [(miss["line"], miss["what"]) for miss in out["misses"]] == [(7, "article"), (9, "kept out"), (10, "kept out")]


@pytest.mark.parametrize(("truth", "folder"), [
    (ROOT / "examples" / "truth.json", ROOT / "examples" / "articles"), (ROOT / "tests" / "data" / "pages" / "truth.json", ROOT / "tests" / "data" / "pages"),
    (SHARED / "score" / "articles.md", SHARED / "articles"), (FIVE, SHARED / "articles"),
], ids=["examples", "layouts", "real", "real-places"])
def test_the_pages_we_have_are_understood(truth: Path, folder: Path) -> None:
    if not truth.exists() or not folder.is_dir():
        pytest.skip(f"the newspaper pages are not here: {folder}")
    got = as_json(*score_pages(read_truth(truth), folder))
    least = {"boundary_f1": 0.95, "headline_accuracy": 0.9, "noise_kept_out": 0.95, "text_kept": 0.99, "joins_repaired": 0.9, "place_accuracy": 0.9}
    assert {name: got[name] for name, bound in least.items() if got[name] is not None and got[name] < bound} == {}
    assert got["counts"]["boundary_f1"]["total"] >= 40


def test_the_truth_about_the_real_pages_holds_no_text_of_theirs() -> None:
    words = re.findall(r"[\u3400-\u9fff]+", FIVE.read_text("utf-8"))
    assert words
    assert all(len(word) <= 12 for word in words)
    assert not re.search("[。\uff0c,]\\s*[\u3400-\u9fff]", FIVE.read_text("utf-8"))
