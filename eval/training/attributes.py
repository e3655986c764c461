"""Questions about one attribute of a thing in an article: answered where it is given, near-misses where it is not.

"How much does a meal in the canteen cost" is a near-miss for an article that praises the canteen and names no price. A
pattern tells whether an article says anything of an attribute. Such questions are made in pairs of kinds, so that
neither their wording nor the attribute alone tells whether they are answered.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.training.training_data import TrainingDocument, TrainingQuestion
from index.text.normalize import HAN, matching_form
from index.text.places import ADMINISTRATIVE

_NUMBER = r"(?:\d[\d,.]*|[一二三四五六七八九十百千两]+)(?:多|余|来)?(?:万|亿)?(?:多|余)?"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`said` finds any mention of it, `value` a short answer ("": too loose to tell), `asked` are questions about {x}."""

    said: str
    value: str
    asked: tuple[str, ...]


ATTRIBUTES = (
    Attribute(r"元|块钱|免费|收费|费用|价", _NUMBER + r"(?:元|块钱)",
              ("{x}多少钱", "{x}收多少钱?", "{x}一次要交多少钱", "{x}一共花了多少钱?", "{x}的费用是多少")),
    Attribute(r"平方|亩|平米|面积", _NUMBER + r"(?:平方米|平米|亩)", ("{x}有多大?", "{x}面积多少", "{x}占地多少平方米?")),
    Attribute(r"\d时|点半|\d点|:\d\d|[一二三四五六七八九十]点|全天|24小时|早上|晚上|上午|下午", "",
              ("{x}几点开门?", "{x}每天开到几点", "{x}的开放时间是几点到几点?")),
    Attribute(r"电话|热线|\d{7,}|拨打|手机", r"\d{7,}", ("{x}的电话是多少?", "{x}打哪个电话联系", "{x}的联系电话")),
    Attribute(r"户", _NUMBER + r"户", ("{x}有多少户?", "{x}涉及多少户居民", "{x}覆盖了几户人家")),
    Attribute(r"[人名位]次?", _NUMBER + r"(?:人|名|位)(?:次)?", ("{x}有多少人?", "{x}一共多少人参加", "{x}服务了多少人次")),
    Attribute(r"岁|年纪|年龄", "", ("{x}的负责人多大年纪?", "{x}的管理员今年多少岁")),
    Attribute(r"年|月", "", ("{x}是哪年建的?", "{x}什么时候开始的", "{x}是几月几号启用的?")),
    Attribute(r"工资|补贴|报酬|薪|收入|补助", "", ("{x}的工作人员一个月拿多少工资?", "{x}的志愿者有多少补贴")),
    Attribute(r"报名|登记|注册|申请|预约|办理", "", ("{x}怎么报名?", "{x}要怎样申请", "{x}如何预约?")),
    Attribute(r"书记|主任|站长|队长|组长|负责人|管理员", "", ("{x}的负责人是谁?", "{x}现在归谁管")),
)
THINGS = ("食堂|餐厅|助餐点|活动室|活动中心|书屋|书房|阅览室|驿站|充电棚|充电桩|停车场|停车位|车棚|"
          "议事厅|议事会|调解室|工作室|卫生室|服务站|服务中心|电梯|广场|公园|花园|菜园|集市|市场|摊位|"
          "长廊|凉亭|健身器材|球场|舞台|路灯|监控|水管|管道|道路|围墙|厕所|垃圾房|垃圾桶|自管小组|"
          "志愿队|巡逻队|合唱队|舞蹈队|健步队|夜校|课堂|托管班|暑托班|积分超市|超市|理发店|热线|平台|"
          "小程序|公众号|微信群|基金|物业|茶桌|祠堂|合作社|大棚|民宿|护理站|网格员|楼栋长|楼长|快递柜|"
          "储物柜|宠物乐园|口袋公园|改造|招聘|培训")


def attribute_questions(documents: Sequence[TrainingDocument], seed: int, most: int = 2) -> Iterator[TrainingQuestion]:
    """Yield for each document at most `most` questions that it does not answer, and as many of those that it does."""
    chance = random.Random(seed)
    for document in documents:
        made = [p for thing in _things(document) for attribute in ATTRIBUTES
                if (p := _problem(document, thing, attribute, chance))]
        chance.shuffle(made)
        for answered in (True, False):
            yield from [p for p in made if bool(p.evidence) is answered][:most]


def _things(document: TrainingDocument) -> list[str]:
    found = re.findall(THINGS, "".join(document.sentences))
    return sorted(set(found))


def _problem(document: TrainingDocument, thing: str, attribute: Attribute, chance: random.Random) -> TrainingQuestion | None:
    """Return the question; None when the article mentions the attribute, but not plainly of this thing."""
    said = [i for i, s in enumerate(document.sentences) if re.search(attribute.said, matching_form(s))]
    if said and not (len(said) == 1 and thing in document.sentences[said[0]]):
        return None
    values: tuple[str, ...] = ()
    if said:
        found = re.search(attribute.value, matching_form(document.sentences[said[0]])) if attribute.value else None
        if not found:
            return None
        values = (document.sentences[said[0]][found.start():found.end()],)
    place = chance.choice([*place_names(document.place)[-1:], ""])
    return TrainingQuestion(chance.choice(attribute.asked).format(x=place + chance.choice(("的", "")) * bool(place) + thing),
                   document, frozenset(said), values)


def place_names(place: str) -> list[str]:
    """Return the names that a chain of places is made of, the widest first."""
    return re.findall(rf"[{HAN}]{{1,6}}?(?:{ADMINISTRATIVE}|州|府)", place)
