"""What a line of a newspaper page is by its own shape: its length, its punctuation, the set phrases of the trade.

Patterns know how bylines, credits, date bars and site furniture are written, never the names of papers, towns or
people. Neighbours are looked at in `index.pages.page_labels`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.pages.english import english_label
from index.pages.line_reasons import LineReason
from index.text.dates import DAY, in_figures
from index.text.language import is_english
from index.text.newspapers import PAPER, paper_in
from index.text.normalize import HAN, matching_form
from index.text.people import FAMILY, SURNAMES
from index.text.places import ADMINISTRATIVE, find_mentions
from index.text.speech import is_everyday
from index.text.words import any_of, load

HEAD_LABELS = ("label", "kicker", "headline", "subtitle", "byline")
"""Labels of the lines that together open an article."""

SET = (LineReason.STANZA, LineReason.CONVERSATION, LineReason.TABLE_ROW, LineReason.NARROW_COLUMN)
"""Reasons for text that is known by how the page is set: no caption and no head is looked for in it."""

FINAL = "。!?…;:"
CLOSERS = "”’」』)】》〉\"'"

_PHRASES = load("page_words")
_BYLINE = re.compile(rf"""
    ^[□■◎●▲◇◆○☉\s]*+ (?:(?:文/图|图/文|文图)\ ?[:/]?\s*+)?
    (?:本报|本刊|本台|见习|实习|特约|全媒体|融媒体?|首席|新华社|[{HAN}]{{1,8}}(?:报|台|网|社|刊|融媒|中心))?
    \s*+ (?:全媒体|融媒体?|见习|实习|特约|首席|本报)* (?:记者|通讯员|评论员|特派员|撰稿人?)
    [\s:]* [{HAN}\s、,·/]{{2,40}} (?:文/图|图/文|文并图|摄影报道|报道|文)? $
  | ^(?:文|图|文/图|图/文|作者|撰文|供稿) \s*+ [/:|] \s*+ [{HAN}]{{2,4}} (?>[\s、/]++ (?:文|图)? [/:|]? \s*+ [{HAN}]{{2,4}})* $
  | ^[【(](?:本报|本刊)? (?:记者|特派员)\ ?[{HAN}]{{2,4}} [/\ ] [^【】()。]{{2,16}} (?:报导|报道) [】)] $
""", re.VERBOSE)
_MARKED_NAME = re.compile(rf"^[□■◎●▲◇◆○]\s*((?:[{HAN}]{{2,4}}|[{HAN}] [{HAN}])(?:[\s、]+[{HAN}]{{2,4}})*)(?:[(][^()]{{2,20}}[)])?$")
_AUTHOR = re.compile(r"^[【(](?:本文)?(?:作者|记者|通讯员|笔者|执笔|整理|采写)[^()。]{1,40}[)】]$")
NAME = re.compile(rf"^[{HAN}]{{2,3}}$|^[{HAN}]\s+[{HAN}]$|^[{HAN}]{{4}}$")
DATED_NEWS = re.compile(r"^\s*+[^()【】。,]{0,24}?(?:讯|日[电讯])\s*(?:[(]|(?=\ )|(?:本报)?(?:记者|通讯员))|^\s*+[【\[][^】\]]{0,24}?讯[】\]]")
"""How a news brief begins that says where it is from (本报云山讯)."""
BRIEF = re.compile(rf"""
    ^\s*+ (?:本报|本刊|本网|[{HAN}]{{2,8}}(?:{PAPER}|网|社|融媒))? (?:[{HAN}]{{0,6}}讯|[{HAN}]{{0,8}}\d{{1,2}}月\d{{1,2}}日[电讯])
    \s* (?: [(][^()]{{1,40}}[)] | (?=\ [^。]*(?:[,。]|.{{8}}$)) | (?:本报)?(?:记者|通讯员)\ ?[{HAN}]{{2,4}}(?:报道)?[:] ) \s*
  | ^\s*+ [【\[] (?:本报|本刊|本网|[{HAN}]{{2,8}}(?:{PAPER}|网|社))? [{HAN}\d]{{0,12}}讯 [】\]] \s*+
  | ^\s*+ [(【](?:本报|本刊|见习)?(?:记者|通讯员)[^()【】。]{{2,40}}[)】] \s*+ (?=\S)
""", re.VERBOSE)
_PHOTO_CREDIT = re.compile(rf"""
    ^[(]? [{HAN}\s/·、:]{{0,24}} (?:摄|供图|摄影报道) [)]?$ | ^(?:特约|本报)?摄影 [\s:/]* [{HAN}·\s]{{2,8}}$
""", re.VERBOSE)
INLINE_PHOTO = re.compile(rf"""
    (?<=[。!?”]) \s* [(]? (?:[{HAN}/]{{0,10}}(?:记者|通讯员|摄影)[\s:]*)? [{HAN}·、\s]{{2,12}} (?:摄|供图) [)]? \s*$
""", re.VERBOSE)
TRAILING_BYLINE = re.compile(r"(?<=[。!?…”’])\s*[(][^()。]{2,40}[)]\s*$")
_NAMES = rf"[{FAMILY}][{HAN}]{{1,2}}(?:[\s、]+[{FAMILY}][{HAN}]{{1,2}}){{0,5}}"
_TRAILING_AGENCY = re.compile(rf"""
    (?<=[。!?…”]) \s*+ (?:
        [{HAN}]{{1,8}}(?:{PAPER}|[网社台刊]|新闻|融媒体?(?:中心)?|传媒|客户端)\s*+(?:发布?|供稿?|稿|电|讯|消息|报道|(?:全媒体)?(?:记者|通讯员)[\s:]*+{_NAMES})
      | (?:据|综合|转自|摘自|来源[:])\s*+[《“]?[{HAN}]{{2,12}}(?:{PAPER}|[网社台刊]|新闻|客户端|公众号)[》”]?(?:等|消息|报道|微信公众号)*+
      | (?:本报|本刊|本网)?(?:记者|通讯员)[\s:]*+{_NAMES}(?:报道|文)?
    ) \s*$
""", re.VERBOSE)
"""An agency or a reporter behind the last full stop of a line, without brackets."""
_CREDIT = re.compile(rf"""
    ^[【(\[]?\s*+ (?:本版|本期|[一二三四]版|版面)?(?:责任)? {any_of(_PHRASES["credits"])} [\s:/|]
  | ^(?:报|送|抄送|抄报|主送|印发|分送)[:] | ^[(]?共印\ ?\d+\ ?份
""", re.VERBOSE)
SITE = re.compile(rf"""
    {any_of(_PHRASES["site"])} | 点击.{{0,2}}蓝字 | 蓝字\ ?关注 | 未经.{{0,8}}授权 | ^首页 | ^相关(?:阅读|报道|稿件)
  | ^(?:(?:分享|收藏|点赞|在看|评论|转发|留言|关闭)\s*+)+$
  | (?:投稿|来稿|评论部|编辑部|编辑信箱|订阅|广告|发行).{{0,6}}(?:邮箱|电话|热线|信箱) | ^地址[:].*电话 | ^来源[:].{{2,24}}$
  | ^[^\s>›»]{{2,12}}(?:\ ?[>›»]{{1,3}}\ ?[^\s>›»]{{2,12}}){{1,6}}$ | ^[—–\-\s]*+(?:END|完)[—–\-\s]*$ | 第\d+期$
""", re.VERBOSE)
_IN_NEWS = re.compile(any_of(_PHRASES["in_news"]))
_PAGE = re.compile(rf"^第 ?[一二三四五六七八九十\d]+ ?版(?:[ :·|]*[{HAN}·]{{0,8}})?$|^[A-Z]\d{{1,2}} ?版?[ :·|]*[{HAN}·]{{0,8}}$|第\d+期")
_TO, _FROM = r"(?:下转|转)第? ?[A-Z]?[一二三四五六七八九十\d]+ ?版", r"(?:上接|紧接|接)第? ?[A-Z]?[一二三四五六七八九十\d]+ ?版"
TURNED = re.compile(rf"(?<!\s)\s*+[(【]{_TO}[^()]{{0,12}}[)】]\s*$|^{_TO}\S{{0,8}}$")
"""The words that send a reader to another page."""
RESUMED = re.compile(rf"^\s*[(【]{_FROM}[^()]{{0,12}}[)】]\s*|^{_FROM}\S{{0,8}}$|(?<!\s)\s*+[(【]{_FROM}[^()]{{0,12}}[)】]\s*$")
"""The words that say from which page a text comes."""
_SALUTATION = re.compile(rf"^(?:尊敬的|亲爱的)?[{HAN}]{{0,12}}(?:编辑|同志|编辑部|版|先生|女士|读者|朋友|报社|栏目组?)们?[:]$")
_DATELINE_WORD = re.compile(rf"{any_of(_PHRASES['bar'])}|\d版|:\d\d")
_DATE_ALONE = re.compile(rf"^[{HAN}\s]{{0,24}}{DAY.pattern}$")
_PAPERS_DAY = re.compile(rf"(?:^|[\s|·]|{PAPER}){DAY.pattern}(?:$|[\s|·])")
"""A day that stands by itself, as beside the name of a paper at the head of its pages."""
PLACE_ONLY = re.compile(rf"^[{HAN}·]{{1,20}}(?:{ADMINISTRATIVE}|州)\s*[:|丨]?$")
STARTER = re.compile(rf"{any_of(_PHRASES['starters'])}|\d")
CONTINUER = re.compile(r"[也了的着过和与及而就都还并等地得们性者化后中上下里时,。、;)”且或使将让被把更再又]|起来|成立|建设")
_PICTURE = re.compile(r"[▲△▼].*(?:图[:/|]|图为|[图摄影][)]?$)")
_PICTURE_SIGN = re.compile(r"图[|:/丨]")
_DASH = re.compile("——|—|--|──|–")
_REPORTER = re.compile(rf"(?:记者|通讯员|评论员)\s*([{HAN}]{{2,3}})$")
_REPORTERS = re.compile(rf"^[{HAN}·+]{{0,16}}?(?:记者|通讯员|特派员|评论员)([\s:/]*)([{HAN}]{{2,4}}(?:[\s、,/]+[{HAN}]{{2,4}})*)$")
"""Reporters of any paper, agency or app: whether they are is told by their surnames."""
_ROLE = re.compile(rf"[{HAN}]{{0,2}}(?:记者|通讯员|实习生|摄影|报道)|实习|见习|文|图")
_MARKUP = re.compile(r"^(?:!\[[^\]]*\]\([^()\s]*\)\s*)+$|^<img\b[^<>]*>$|^[-*_=~#|+·•\s—─–]+$")
"""What is left of a picture, or a rule between texts."""
_PICTURE_WORD = re.compile(rf"^[(【\[]?{any_of(_PHRASES['pictures'])}[)】\]]?$")
_PLACE_HEAD = re.compile(rf"^(?:([{HAN}·]{{2,20}})\s*[:|丨]|[【\[]([{HAN}·]{{2,20}})[】\]])\s*(?=\S)")
_BAR = re.compile(r"来源|作者|浏览|阅读|点击[数:]|字号|发布时间")


@dataclass(slots=True)
class Line:
    """One line of the file: trimmed span, blank lines before it, and the label with the reason for it.

    `text` is the line in half-width punctuation, for matching; what was printed is the file's text at the span.
    """

    number: int
    start: int
    end: int
    text: str
    gap: int
    indented: bool
    label: str = "body"
    reason: LineReason | None = None
    opens: bool = False
    """True on the first line of an article."""
    joins: bool = False
    """True on a line that goes on with the paragraph of the line before, whatever that one ends with."""
    turns: bool = False
    """True where the text goes on on another page of the paper."""
    resumes: bool = False
    """True where a text from another page of the paper goes on."""

    def name(self, label: str, reason: LineReason) -> None:
        self.label, self.reason = label, reason


def ends_open(text: str) -> bool:
    """Tell whether `text` stops in mid-sentence: no final punctuation, and no credit or byline at its end."""
    if any(pattern.search(text) for pattern in (INLINE_PHOTO, TRAILING_BYLINE, _TRAILING_AGENCY)):
        return False
    bare = TURNED.sub("", text).rstrip(CLOSERS + " \u3000")
    return not bare or bare[-1] not in FINAL and not (bare[-1] == "." and is_english(text))


def body_span(line: Line) -> tuple[int, int]:
    """Return the span of the line's prose in the file: without `本报讯(记者 …)` before it and credits behind it."""
    head = BRIEF.match(line.text) or RESUMED.match(line.text)
    start = line.start + (head.end() if head else 0)
    tail = INLINE_PHOTO.search(line.text) or TRAILING_BYLINE.search(line.text) or _TRAILING_AGENCY.search(line.text) \
        or TURNED.search(line.text)
    return start, max(start, line.start + tail.start() if tail else line.end)


def byline_span(line: Line) -> tuple[int, int] | None:
    """Return where in the file a body line holds a byline: `本报讯(记者 …)` before the text, a name behind it."""
    for pattern in (BRIEF, TRAILING_BYLINE, INLINE_PHOTO):
        found = pattern.search(line.text)
        if found:
            return line.start + found.start(), line.start + found.end()
    return None


def split_lines(text: str) -> list[Line]:
    lines, offset, gap = [], 0, 0
    for number, raw in enumerate(matching_form(text).split("\n"), start=1):
        bare = raw.strip()
        if bare:
            start = offset + len(raw) - len(raw.lstrip())
            lines.append(Line(number, start, start + len(bare), bare, gap, raw[0] in " \xa0\t"))
            gap = 0
        else:
            gap += 1
        offset += len(raw) + 1
    return lines


def label_alone(line: Line) -> None:
    """Label what a line's own shape decides; the rest stays `body` (prose) or becomes `short`."""
    text, size = line.text, len(line.text)
    if _MARKUP.match(text):
        line.name("site", LineReason.MARKUP)
        return
    if is_english(text):
        line.name(*english_label(text))
        return
    line.turns, line.resumes = bool(TURNED.search(text)), bool(RESUMED.search(text))
    if line.turns or line.resumes:
        bare = RESUMED.sub("", TURNED.sub("", text))
        if not bare:
            line.name("site", LineReason.GOES_ON_WHERE)
        elif line.turns or is_prose(bare):
            line.name("body", LineReason.TURNED if line.turns else LineReason.RESUMED)
        else:
            line.name("site", LineReason.HEADLINE_AGAIN)
    elif size <= 80 and _CREDIT.match(text):
        line.name("credit", LineReason.EDITORS)
    elif size <= 120 and _is_date_bar(text):
        line.name("site", LineReason.DATE_BAR)
    elif size <= 50 and _names_reporters(text):
        line.name("byline", LineReason.REPORTER)
    elif _is_furniture(text) and not BRIEF.match(text) and not _SALUTATION.match(text):
        line.name("site", LineReason.FURNITURE)
    elif _DATE_ALONE.match(in_figures(text)):
        line.name("site", LineReason.DATE_ALONE)
    elif size <= 30 and _PAGE.search(text) and not is_prose(text):
        line.name("site", LineReason.PAGE_NUMBER)
    elif size <= 20 and _SALUTATION.match(text):
        line.name("body", LineReason.LETTER_BEGINS)
    elif _PICTURE_WORD.match(text):
        line.name("site", LineReason.PICTURE_MARK)
    elif size <= 80 and _PICTURE.match(text) or _PICTURE_SIGN.match(text) and not _BYLINE.match(text):
        line.name("caption", LineReason.PICTURE_MARK)
    elif size <= 30 and _PHOTO_CREDIT.match(text):
        line.name("photo-credit", LineReason.PHOTOGRAPHER)
    elif _AUTHOR.match(text):
        line.name("credit", LineReason.AUTHOR)
    elif size <= 50 and _is_byline(text):
        line.name("byline", LineReason.REPORTER)
    elif size <= 60 and _DASH.match(text) and not re.search("。|;$", text):
        line.name("subtitle", LineReason.DASH)
    elif BRIEF.match(text):
        line.name("body", LineReason.BRIEF)
    elif is_prose(text):
        line.name("body", LineReason.PROSE)
    else:
        line.name("short", LineReason.SHORT)


def _is_furniture(text: str) -> bool:
    """Tell whether a site's set phrases fill the line: news also speaks of apps, QR codes and licences."""
    found = [phrase[0] for phrase in SITE.finditer(text)]
    phrases = len(found)
    if "。" in text:
        return phrases > 1 and len(text) <= 45 * phrases and not all(map(_IN_NEWS.match, found))
    return phrases > 0 and (len(text) <= 60 or phrases > 1 and len(text) <= 80 * phrases)


def _is_date_bar(text: str) -> bool:
    """Tell whether the line has a day, and either a bar's words (星期, 来源) or the name of a paper with nothing but fields."""
    plain = in_figures(text)
    if is_prose(text) or not DAY.search(plain):
        return False
    return bool(_DATELINE_WORD.search(plain) or len(text) < 60 and _PAPERS_DAY.search(plain) and paper_in(text))


def _is_marked_name(text: str) -> bool:
    found = _MARKED_NAME.match(text)
    return found is not None and found[1][0] in SURNAMES


def _is_byline(text: str) -> bool:
    return (bool(_BYLINE.match(text)) or _is_marked_name(text)) and not _names_nobody(text)


def _names_reporters(text: str) -> bool:
    """Tell whether nothing but names follows 记者, whoever they write for."""
    found = _REPORTERS.match(text)
    names = [name for name in re.split(r"[\s、,/]+", found[2]) if not _ROLE.fullmatch(name)] if found else []
    return bool(names) and all(name[0] in SURNAMES and (found[1] or not is_everyday(name)) for name in names)


def _names_nobody(text: str) -> bool:
    """Tell whether what follows 记者 in a would-be byline is too short to be anything but a name, and is none."""
    found = _REPORTER.search(text)
    return found is not None and found[1][0] not in SURNAMES


def is_prose(text: str) -> bool:
    return "。" in text or ";" in text or len(text) > 60 or ("," in text and len(text) >= 32)


def is_place_head(text: str) -> bool:
    """Tell whether a headline begins with its place (某县:…, 【某县】…)."""
    found = _PLACE_HEAD.match(text)
    place = found[1] or found[2] if found else ""
    return any(mention.start == 0 and mention.end == len(place) for mention in find_mentions(place))


def is_articles_bar(line: Line) -> bool:
    """Tell whether a date bar belongs to one article: it says where that is from, or how often it was read."""
    return line.label == "site" and bool(_BAR.search(line.text))
