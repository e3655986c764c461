"""The names in a claim that it may not make up: people, places, quoted titles, Latin words."""

from __future__ import annotations

import re

import rjieba

from assistant.question import language_of
from index.places import find_mentions

_QUOTED = re.compile(r"《([^》]{1,30})》|“([^”]{2,14})”")
_LATIN = re.compile(r"[A-Za-z][A-Za-z]+")
_CAPITAL = re.compile(r"(?:^(?=[A-Z][a-z]+ [A-Z])|(?<=[a-z,;:’'\d] ))[A-Z][a-z]+(?:[ -][A-Z][a-z]+)*")
_COMMON_CAPITALS = frozenset(
    ["community", "communities", "street", "subdistrict", "district", "city", "town", "township", "village", "county", "province", "party", "secretary", "committee", "residents", "resident", "center", "centre", "road", "lane", "building", "china", "chinese", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "i", "the", "in", "on", "at", "director", "mr", "mrs", "ms", "and", "of", "for", "by", "yuan", "daily", "news", "evening", "morning", "neighborhood", "neighbourhood", "service", "property", "management", "company", "garden"])
_SURNAMES = set(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤罗郝安常于傅齐康伍余顾孟黄穆萧"
    "尹姚邵汪毛狄戴宋庞熊纪舒项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆荣翁段侯宁祖武刘景龙叶白"
    "佟温庄晏柴翟阎连习艾容向古易廖居耿满文寇广欧聂曾沙关游樵苟")
_ROLE = re.compile(r"(?:书记|主任|法官|检察官|教师|律师|民警|医生|护士|院长|厂长|队长|校长|站长|经理|镇长|村长|区长|市长|木匠|工程师)$")
_PLACE_END = re.compile(r"[\u3400-\u9fff](?:社区|街道|小区)")
_GENERIC_LAST = set("旧业管他她它个该本各型慧范边近闭新地多些一两三四五六七八九十的在到是每全整小大众哪某这那和与及户老市辖属家居下合院式入进在由把被让给对向从")
"""Characters that no name of a place ends with: 老旧小区, 其他社区, 该社区."""
_TITLE = r"(?:书记|主任|居民|党员|队长|院长|负责人|志愿者|民警|教师|老师|经理|厂长|站长|网格员|医生|记者|师傅|干部|村民|社工|律师|法官|调解员|委员|老人|秘书)"


def names_in(text: str) -> list[str]:
    """Return the names that a claim may not make up: people, places, quoted titles and, in Chinese text, Latin words."""
    if language_of(text) == "en":
        return [word for run in _CAPITAL.findall(text) for word in run.replace("-", " ").split()
                if word.lower() not in _COMMON_CAPITALS and word.lower().rstrip("s") not in _COMMON_CAPITALS]
    names = [a or b for a, b in _QUOTED.findall(text)]
    names += [part for mention in find_mentions(text) for part in mention.parts]
    names += _people(text)
    names += [m[0] for m in _PLACE_END.finditer(text) if m[0][0] not in _GENERIC_LAST]
    return [*names, *_LATIN.findall(text)]


def _people(text: str) -> list[str]:
    words, names, offset = rjieba.tag(text), [], 0
    for i, (word, tag) in enumerate(words):
        if word[0] in _SURNAMES and tag in ("nr", "nrt", "nrfg", "ns") and len(word) < 4:
            after = words[i + 1] if i + 1 < len(words) else ("", "")
            role = _ROLE.search(text[:offset])
            if len(word) == 1 and after[1] in ("nr", "nz") and len(after[0]) == 2:  # 郑/国华
                names.append(word + after[0])
            elif len(word) == 3 and tag != "ns" or len(word) == 2 and re.search(rf"{_TITLE}$", text[:offset]):
                names += [word, *([role[0]] if role else ())]
        offset += len(word)
    return names
