"""The form of a question told by patterns: for encoders that no model of forms was fitted to, and for parts of questions."""

from __future__ import annotations

import re

from assistant.question.forms import Form, Wanted
from index.text.language import language_of
from index.text.normalize import fold

_CASES = re.compile(
    r"哪些|哪几|其他(?:社区|地方|街道|小区|地区|村|城市|县|区)|其它|别的(?:社区|地方|街道|小区|村)|别处|别人家|有没有|有无|有哪|各地|例子|案例|"
    r"哪里有|哪儿有|哪个社区|哪个地方|哪个街道|哪家社区|谁家|人家都|兄弟社区|都有谁|什么地方|哪些地方|有谁"
)
_CASES_EN = re.compile(
    r"\bother (?:communit|neighbou?rhood|place|district|street|village)|\bwhich (?:\w+ )?(?:communities|places|neighbou?rhoods|streets|villages|districts|towns)|"
    r"\b(?:any|some) (?:\w+ )?(?:examples?|cases?|communit|places?)|\bexamples? of|\bhow (?:did|do|have) (?:other|different|various)|\bare there\b|\bwhere (?:have|did|do|are)\b|\bhas any|\bhave any"
)
SIDE_BY_SIDE = re.compile(r"各是|各有|分别是|相比|的比|对比|哪个更|谁更|\bcompare|\bversus\b")
_ENDS = r"(?=[些呢啊?\uff1f,\uff0c]|一些|一点|$)"
_EARLIER = re.compile(r"(?:哪一?个|哪家|哪边|谁)(\w{1,6}?)(?:得更?|更)?(?<!早)[早晚]" + _ENDS)
_CHEAPER = re.compile(r"(?:哪一?个|哪家|哪边|谁)(?:家|的)?(\w{0,6}?)(?:更|比较)?(?:便宜|(?<![宝珍名昂高尊可富])贵)" + _ENDS)
PLAINLY = ((_EARLIER, r"\1是什么时候"), (_CHEAPER, r"\1多少钱"))
"""What is compared, and how it is asked of one place alone."""
_NUMBER = re.compile(
    r"多少|(?<!哪)几(?!乎|何|经)|多大|多久|多长|多高|多远|占比|比例|百分|总数|数量|规模|人数|户数|面积|几成|次数|多重|降了|涨了|增长|频率|年龄|多快"
)
_NUMBER_EN = re.compile(r"\bhow (?:many|much|old|long|large|big|often|far|tall)|\bwhat (?:share|percentage|percent|number|proportion)|\bby how\b|\bat least how")
_MONEY = re.compile(r"多少钱|花了|费用|收费|价格|价钱|(?<!哪)几块(?!玻璃|屏|牌|板|地|田)|几元|补贴|补助|补多少|工资|薪|经费|投入|投资|资金|捐|奖励|成本|租金|收入|一顿|便宜|贵")
_MANY_EN = re.compile(r"\bhow many (?!yuan|dollars)")
_MONEY_EN = re.compile(r"\bcost|\bprice|\bsalary|\bpay\b|\bpaid\b|\bmoney|\bfee\b|\bfunds?|\bspen[dt]|\bbudget|\byuan\b|\bincome")
_PERSON = re.compile(r"谁|叫什么(?!名字?的)|什么名字|姓名|哪位|叫啥|何人|名叫")
_PERSON_EN = re.compile(r"\bwho\b|\bwhose\b|\bname of the (?:person|secretary|director|head|resident)")
_DATE = re.compile(r"什么时候|何时|哪[一几]?年|哪[一几]?天|几月|几号|几点|多早|啥时候|哪个月|日期|时间是|" + _EARLIER.pattern)
_DATE_EN = re.compile(r"\bwhen\b|\bwhat (?:year|date|time|day|month)|\bsince when")
_PLACE = re.compile(r"在哪(?!些)|哪个(?:区|县|市|街道|镇|社区|小区|村|地方)|哪儿|哪里|什么地方|位于")
_PLACE_EN = re.compile(r"\bwhere\b|\bwhich (?:community|district|street|city|village|place|town)\b")
_TITLE = re.compile(r"(?:文件|方案|制度|模式|品牌|称号|工作法|机制|平台|队伍|奖|办法|活动|名称).{0,6}(?:叫|名)|叫(?:什么|啥)|什么(?:品牌|称号|模式|文件|制度|机制|平台|名堂)|评.{0,4}(?:几星|什么)")
_NEVER = re.compile(r"(?!)")
_WANTED = (
    (Wanted.DATE, _DATE, _DATE_EN), (Wanted.NUMBER, _NUMBER, _NUMBER_EN), (Wanted.TITLE, _TITLE, _NEVER),
    (Wanted.PERSON, _PERSON, _PERSON_EN), (Wanted.PLACE, _PLACE, _PLACE_EN),
)
_HOW = re.compile(r"怎么|如何|怎样|咋|办法|做法|措施|流程|步骤|几招|哪些措施|经验|啥招|什么招|干些?啥|做了什么|做些什么|干什么|哪几步|具体")
_HOW_EN = re.compile(r"\bhow\b(?! (?:many|much|old|long|large|big|often|far|tall))|\bwhat (?:did|does|do|has|have|measures|steps)|\bin what way")


def wanted_of(text: str) -> Wanted | None:
    """Return what a question asks to be told (None when it asks for no such thing): money before number, as 多少钱 is
    both."""
    return _wanted(text, language_of(text))


def _wanted(text: str, language: str, folded: str = "") -> Wanted | None:
    zh = language == "zh"
    folded = text if zh else folded or fold(text)
    if zh and (_MONEY.search(folded) and _NUMBER.search(folded) or _CHEAPER.search(folded)):
        return Wanted.MONEY
    if not zh and _MONEY_EN.search(folded) and not _MANY_EN.search(folded):
        return Wanted.MONEY
    for kind, chinese, english in _WANTED:
        if (chinese if zh else english).search(folded):
            return kind
    return None


def form_by_patterns(text: str, folded: str, language: str, *, several: bool) -> tuple[Form, Wanted]:
    wanted, zh = _wanted(text, language, folded), language == "zh"
    if several:
        form = Form.COMPARE
    elif (_CASES if zh else _CASES_EN).search(folded):
        form = Form.CASES
    elif wanted in (Wanted.NUMBER, Wanted.MONEY, Wanted.DATE, Wanted.TITLE):
        form = Form.FACT
    elif (_HOW if zh else _HOW_EN).search(folded) or wanted is None:
        form = Form.HOW
    else:
        form = Form.FACT
    return form, wanted or Wanted.ANY


def asks_how(text: str, language: str) -> bool:
    """Tell whether a folded question asks how something was done."""
    return bool((_HOW if language == "zh" else _HOW_EN).search(text))
