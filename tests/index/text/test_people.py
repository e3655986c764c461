"""Names of people: one list of surnames for bylines and for the fact check. Run: python -m pytest -q
tests/index/text/test_people.py"""

import pytest

from assistant.verify.premise import Premise, Statement
from assistant.verify.verify import missing_facts
from index.pages.line_labels import label_alone, split_lines
from index.text.people import SURNAMES, people_in, speaks_of_a_person

INVENTED = ("章国华", "尤秀英", "戚建国", "焦裕民")
PRINTED = Premise(("小区装了充电桩,居民都说好。", "社区书记介绍了做法,居民开了会。"), "云山社区 2024-05-06")
SENTENCES = ("居民{}说,小区装了充电桩。", "社区书记{}介绍了做法。", "{}组织居民开了会。", "在{}的带领下,小区装了充电桩。", "据{}介绍,小区装了充电桩。")


@pytest.mark.parametrize("line", ["本报记者 曾国明", "本报记者 路小雨", "本报记者曾国明", "云山日报记者 管一诺", "□通讯员 沙明"])
def test_a_reporter_of_any_surname_has_a_byline(line: str) -> None:
    (found,) = split_lines(line)
    label_alone(found)
    assert found.label == "byline"


@pytest.mark.parametrize("surname", sorted(SURNAMES))
def test_a_byline_and_a_name_of_three_characters_know_the_same_surnames(surname: str) -> None:
    (found,) = split_lines(f"本报记者 {surname}小雨")
    label_alone(found)
    assert found.label == "byline"


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", INVENTED)
def test_an_invented_person_is_a_missing_fact(name: str, sentence: str) -> None:
    assert name in missing_facts(Statement(sentence.format(name)), PRINTED)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", INVENTED)
def test_a_person_whom_the_source_names_is_none(name: str, sentence: str) -> None:
    source = Premise((*PRINTED.sentences, f"书记{name}和居民一起想办法。"), PRINTED.around)
    assert missing_facts(Statement(sentence.format(name)), source) == ()


@pytest.mark.parametrize(("text", "people"), [
    ("社区主任郑国华说", ["郑国华"]), ("居民李秀英说", ["李秀英"]), ("书记王晓东介绍", ["王晓东", "书记"]), ("居民都说好", []), ("", []),
    ("居民向社区反映", []), ("由于下雨", []),
], ids=lambda value: value if isinstance(value, str) else "")
def test_people_in_a_text(text: str, people: list[str]) -> None:
    assert people_in(text) == people


@pytest.mark.parametrize(("text", "holds"), [("李秀英来了", True), ("大妈来了", True), ("水管修好了", False)])
def test_a_person_is_spoken_of_by_name_or_by_role(text: str, holds: bool) -> None:
    assert speaks_of_a_person(text) is holds
