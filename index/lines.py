"""What a line of a newspaper page is by its own shape: its length, its punctuation, the set phrases of the trade.

Patterns know how bylines, credits, date bars and site furniture are written, never the names of papers, towns or
people. Neighbours are looked at in `index.page`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.english import english_date, english_label, is_english
from index.width import half

HEAD_LABELS = ("label", "kicker", "headline", "subtitle", "byline")
"""Labels of the lines that together open an article."""

STANZA = "a line of a stanza"
"""The reason given for text that is set like verse: none of it is a caption."""

CONTENTS = "listed at the top, printed below"
MASTHEAD = "above the page's first article"
SIGNATURE = "signs the letter above"
SALUTATION = "a letter begins"
TURN = "a turn of a conversation"
ROW = "a row of a table"
PIECE = "a piece of a paragraph set in a narrow column"
SET = (STANZA, TURN, ROW, PIECE)
"""Reasons for text that is known by how the page is set: no caption and no head is looked for in it."""

FINAL = "。!?…;:"
CLOSERS = "”’」』)】》〉\"'"
_HAN = r"\u4e00-\u9fff"
SURNAMES = set(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦昌马苗方俞任袁柳鲍史唐"
    "费薛雷贺倪汤滕殷罗毕郝安常乐于傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪毛狄米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅盛林"
    "钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房解应宗丁宣邓郁单洪包左石崔吉龚程邢裴陆荣翁荀惠曲封储靳段焦巴牧侯宁仇祖武符刘景詹龙叶"
    "司黎白怀蒲从索赖卓池乔阴闻党翟谭贡劳冉郦雍桑桂牛寿边燕冀尚农温庄晏柴瞿阎慕连习艾鱼容向古易廖庾终居衡步都耿满匡国文寇广"
    "东欧利师巩聂关相查后荆红游权盖益桓公佟及涂肖仝宫辛付"
)
_BYLINE = re.compile(
    rf"^[□■◎●▲◇◆○☉\s]*(?:(?:文/图|图/文|文图) ?[:/]?\s*)?(?:本报|本刊|本台|见习|实习|特约|全媒体|融媒体?|首席|新华社|[{_HAN}]{{1,8}}(?:报|台|网|社|刊|融媒|中心))?"
    rf"\s*(?:全媒体|融媒体?|见习|实习|特约|首席|本报)*(?:记者|通讯员|评论员|特派员|撰稿人?)[\s:]*[{_HAN}\s、,·/]{{2,40}}(?:文/图|图/文|文并图|摄影报道|报道|文)?$"
    rf"|^(?:文|图|文/图|图/文|作者|撰文|供稿)\s*[/:|]\s*[{_HAN}]{{2,4}}(?:[\s、/]+(?:文|图)?[/:|]?\s*[{_HAN}]{{2,4}})*$"
    rf"|^[【(](?:本报|本刊)?(?:记者|特派员) ?[{_HAN}]{{2,4}}[/ ][^【】()。]{{2,16}}(?:报导|报道)[】)]$"
)
_MARKED_NAME = re.compile(rf"^[□■◎●▲◇◆○]\s*((?:[{_HAN}]{{2,4}}|[{_HAN}] [{_HAN}])(?:[\s、]+[{_HAN}]{{2,4}})*)(?:[(][^()]{{2,20}}[)])?$")
_AUTHOR = re.compile(r"^[【(](?:本文)?(?:作者|记者|通讯员|笔者|执笔|整理|采写)[^()。]{1,40}[)】]$")
NAME = re.compile(rf"^[{_HAN}]{{2,3}}$|^[{_HAN}]\s+[{_HAN}]$|^[{_HAN}]{{4}}$")
BRIEF = re.compile(
    rf"^\s*(?:本报|本刊|本网|[{_HAN}]{{2,8}}(?:日报|晚报|晨报|网|社|融媒))?(?:[{_HAN}]{{0,6}}讯|[{_HAN}]{{0,8}}\d{{1,2}}月\d{{1,2}}日电)"
    rf"\s*(?:[(][^()]{{1,40}}[)]|(?= [^。]*(?:[,。]|.{{8}}$))|(?:本报)?(?:记者|通讯员) ?[{_HAN}]{{2,4}}(?:报道)?[:])\s*"
    rf"|^\s*[(【](?:本报|本刊|见习)?(?:记者|通讯员)[^()【】。]{{2,40}}[)】]\s*(?=[^\s])"
)
_PHOTO_CREDIT = re.compile(rf"^[(]?[{_HAN}\s/·、:]{{0,24}}(?:摄|供图|摄影报道)[)]?$|^(?:特约|本报)?摄影[\s:/]*[{_HAN}·\s]{{2,8}}$")
INLINE_PHOTO = re.compile(
    rf"(?<=[。!?”])\s*[(]?(?:[{_HAN}/]{{0,10}}(?:记者|通讯员|摄影)[\s:]*)?[{_HAN}·、\s]{{2,12}}(?:摄|供图)[)]?\s*$"
)
TRAILING_BYLINE = re.compile(r"(?<=[。!?…”’])\s*[(](?:[^()。]{2,40})[)]\s*$")
_CREDIT = re.compile(
    r"^[【(\[]?\s*(?:本版|本期|一版|二版|三版|四版|版面)?(?:责任)?(?:编辑|责编|校对|美编|版式|审核|复审|终审|初审|监制|排版|主编|值班主任|值班编委|组版|编审|检校|制图|统筹|电子信箱|投稿邮箱"
    r"|统稿|审稿|核稿|签发|编发|策划|视觉|执行主编|总编辑|发行人|版式设计|摄影编辑|一审|二审|三审)[\s:/|]"
    r"|^(?:报|送|抄送|抄报|主送|印发|分送)[:]|^[(]?共印 ?\d+ ?份"
)
SITE = re.compile(
    r"版权|©|ICP备|公网安备|备案号|许可证|不良信息|网站地图|网站简介|联系我们|联系方式|联系方法|广告服务|关于我们|技术支持|免责声明|"
    r"二维码|公众号|客户端|下载APP|扫一扫|扫码(?:关注|下载|阅读)|点击上方|点击.{0,2}蓝字|蓝字 ?关注|阅读原文|分享到|分享至|未经.{0,8}授权|转载|新闻热线|举报电话|订阅热线|"
    r"打印本页|【打印|关闭窗口|相关新闻|相关链接|推荐阅读|往期回顾|上一篇|下一篇|返回顶部|“在看”|^首页|当前位置|您的位置|[上下]一条[:]|[上下]一[版期]|^相关(?:阅读|报道|稿件)|延伸阅读|热门推荐|更多精彩|往期精彩|网站标识码|主办单位[:]|"
    r"^(?:(?:分享|收藏|点赞|在看|评论|转发|留言|关闭)\s*)+$|(?:投稿|来稿|评论部|编辑部|编辑信箱|订阅|广告|发行).{0,6}(?:邮箱|电话|热线|信箱)|欢迎(?:投稿|来稿)|^地址[:].*电话|^来源[:].{2,24}$|"
    r"^\S{2,12}(?: ?[>›»] ?\S{2,12}){1,6}$|意见反馈|^[—–\-\s]*(?:END|完)[—–\-\s]*$|第\d+期$|爆料热线|往期推荐|评论区留言"
)
_IN_NEWS = re.compile(r"二维码|公众号|客户端|下载|扫一扫|扫码|许可证|联系方[式法]|技术支持|举报电话|新闻热线|转载|版权")
"""Phrases of a site that news uses too."""
_PAGE = re.compile(rf"^第 ?[一二三四五六七八九十\d]+ ?版(?:[ :·|]*[{_HAN}·]{{0,8}})?$|^[A-Z]\d{{1,2}} ?版?[ :·|]*[{_HAN}·]{{0,8}}$|第\d+期")
_TO, _FROM = r"(?:下转|转)第? ?[A-Z]?[一二三四五六七八九十\d]+ ?版", r"(?:上接|紧接|接)第? ?[A-Z]?[一二三四五六七八九十\d]+ ?版"
TURNED = re.compile(rf"\s*[(【]{_TO}[^()]{{0,12}}[)】]\s*$|^{_TO}\S{{0,8}}$")
"""The words that send a reader to another page."""
RESUMED = re.compile(rf"^\s*[(【]{_FROM}[^()]{{0,12}}[)】]\s*|^{_FROM}\S{{0,8}}$|\s*[(【]{_FROM}[^()]{{0,12}}[)】]\s*$")
"""The words that say from which page a text comes."""
_SALUTATION = re.compile(rf"^(?:尊敬的|亲爱的)?[{_HAN}]{{0,12}}(?:编辑|同志|编辑部|版|先生|女士|读者|朋友|报社|栏目组?)们?[:]$")
_DATE = re.compile(r"(?<!\d)((?:19|20)?\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?(?!\d)")
_DATELINE_WORD = re.compile(r"来源|作者|编辑|阅读|浏览|点击|评论|发布|字号|打印|收藏|时间|星期|\d版|:\d\d")
_DATE_ALONE = re.compile(rf"^[{_HAN}\s]{{0,24}}{_DATE.pattern}$")
PLACE_ONLY = re.compile(rf"^[{_HAN}·]{{1,14}}(?:省|自治区|市|盟|州|区|县|旗|镇|乡|苏木|街道|社区|村|嘎查|小区)$")
STARTER = re.compile(
    r"^(?:在|为|随着|近年来|近日|日前|今年|去年|目前|如今|现在|此外|同时|据|针对|围绕|通过|经过|自|当|由于|面对|对于|按照|结合|依托|"
    r"记者|走进|图为|这|该|其|他|她|我|下一步|接下来|截至|\d|“|一|从|每|截止|过去|以前)"
)
CONTINUER = re.compile(r"^(?:[也了的着过和与及而就都还并等地得们性者化后中上下里时,。、;)”且或使将让被把更再又]|起来|成立|建设)")


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
    why: str = ""
    opens: bool = False
    """True on the first line of an article."""
    joins: bool = False
    """True on a line that goes on with the paragraph of the line before, whatever that one ends with."""
    turns: bool = False
    """True where the text goes on on another page of the paper."""
    resumes: bool = False
    """True where a text from another page of the paper goes on."""

    def name(self, label: str, why: str) -> None:
        self.label, self.why = label, why


def ends_open(text: str) -> bool:
    """Tell whether `text` stops in mid-sentence: no final punctuation, and no credit or byline at its end."""
    if INLINE_PHOTO.search(text) or TRAILING_BYLINE.search(text):
        return False
    bare = TURNED.sub("", text).rstrip(CLOSERS + " \u3000")
    return not bare or bare[-1] not in FINAL and not (bare[-1] == "." and is_english(text))


def body_span(line: Line) -> tuple[int, int]:
    """Return the span of the line's prose in the file: without `本报讯(记者 …)` before it and credits behind it."""
    head = BRIEF.match(line.text) or RESUMED.match(line.text)
    start = line.start + (head.end() if head else 0)
    tail = INLINE_PHOTO.search(line.text) or TRAILING_BYLINE.search(line.text) or TURNED.search(line.text)
    return start, max(start, line.start + tail.start() if tail else line.end)


def byline_span(line: Line) -> tuple[int, int] | None:
    """Return where in the file a body line holds a byline: `本报讯(记者 …)` before the text, a name behind it."""
    for pattern in (BRIEF, TRAILING_BYLINE, INLINE_PHOTO):
        found = pattern.search(line.text)
        if found:
            return line.start + found.start(), line.start + found.end()
    return None


def dateline(text: str) -> str:
    """Return the ISO date printed in a site's date bar, or "" when there is none or it is impossible."""
    found = _DATE.search(text)
    if not found:
        return english_date(text)
    year, month, day = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def split_lines(text: str) -> list[Line]:
    lines, offset, gap = [], 0, 0
    for number, raw in enumerate(half(text).split("\n"), start=1):
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
    if is_english(text):
        line.name(*english_label(text))
        return
    line.turns, line.resumes = bool(TURNED.search(text)), bool(RESUMED.search(text))
    if line.turns or line.resumes:
        bare = RESUMED.sub("", TURNED.sub("", text))
        if not bare:
            line.name("site", "says on which page the text goes on")
        elif line.turns or is_prose(bare):
            line.name("body", "goes on on another page" if line.turns else "goes on from another page")
        else:
            line.name("site", "the headline again, where the text goes on")
    elif _CREDIT.search(text) and size <= 80:
        line.name("credit", "names editors or proof-readers")
    elif _DATE.search(text) and _DATELINE_WORD.search(text) and size <= 120 and not is_prose(text):
        line.name("site", "date and source bar")
    elif _is_furniture(text) and not BRIEF.match(text) and not _SALUTATION.match(text):
        line.name("site", "site furniture")
    elif _DATE_ALONE.match(text):
        line.name("site", "a date alone")
    elif _PAGE.search(text) and size <= 30 and not is_prose(text):
        line.name("site", "number of a page or issue")
    elif _SALUTATION.match(text) and size <= 20:
        line.name("body", SALUTATION)
    elif re.match(r"^[▲△▼].*(?:图[:/|]|图为|[图摄影][)]?$)", text) and size <= 80 or re.match(r"^图[|:/丨]", text) and not _BYLINE.match(text):
        line.name("caption", "marked as the words to a picture")
    elif _PHOTO_CREDIT.match(text) and size <= 30:
        line.name("photo-credit", "names a photographer")
    elif _AUTHOR.match(text):
        line.name("credit", "says who the author is")
    elif (_BYLINE.match(text) or _is_marked_name(text)) and size <= 50 and not names_nobody(text):
        line.name("byline", "names a reporter")
    elif re.match(r"^(?:——|—|--|──)", text) and size <= 60:
        line.name("subtitle", "begins with a dash")
    elif BRIEF.match(text):
        line.name("body", "begins like a news brief")
    elif is_prose(text):
        line.name("body", "prose")
    else:
        line.name("short", "short, no sentence in it")


def _is_furniture(text: str) -> bool:
    """Tell whether a site's set phrases fill the line: news also speaks of apps, QR codes and licences."""
    found = [phrase[0] for phrase in SITE.finditer(text)]
    phrases = len(found)
    if "。" in text:
        return phrases > 1 and len(text) <= 45 * phrases and not all(map(_IN_NEWS.match, found))
    return phrases > 0 and (len(text) <= 60 or phrases > 1 and len(text) <= 80 * phrases)


def _is_marked_name(text: str) -> bool:
    found = _MARKED_NAME.match(text)
    return found is not None and found[1][0] in SURNAMES


def names_nobody(text: str) -> bool:
    """Tell whether what follows 记者 in a would-be byline is too short to be anything but a name, and is none."""
    found = re.search(rf"(?:记者|通讯员|评论员)\s*([{_HAN}]{{2,3}})$", text)
    return found is not None and found[1][0] not in SURNAMES


def is_prose(text: str) -> bool:
    return "。" in text or ";" in text or len(text) > 60 or ("," in text and len(text) >= 32)
