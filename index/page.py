"""Label every line of a newspaper page: headline, byline, section, body, caption, credit, site furniture ...

A page is text as a newspaper's site or typesetter leaves it: several articles one after the other, with column
labels, photo captions and credits between them. Rules look at the shape of a line (length, punctuation, set phrases
of the trade) and at its neighbours, never at names of papers, towns or people. Each label carries its reason, so that
a librarian can see why a line was taken for what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from index.width import half

HEAD_LABELS = ("label", "kicker", "headline", "subtitle", "byline")
"""Labels of the lines that together open an article."""

STANZA = "a line of a stanza"
"""The reason given for text that is set like verse: none of it is a caption."""

FINAL = "。!?…;:"
CLOSERS = "”’」』)】》〉\"'"
_HAN = r"\u4e00-\u9fff"
_SURNAMES = set(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦昌马苗方俞任袁柳鲍史唐"
    "费薛雷贺倪汤滕殷罗毕郝安常乐于傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪毛狄米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅盛林"
    "钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房解应宗丁宣邓郁单洪包左石崔吉龚程邢裴陆荣翁荀惠曲封储靳段焦巴牧侯宁仇祖武符刘景詹龙叶"
    "司黎白怀蒲从索赖卓池乔阴闻党翟谭贡劳冉郦雍桑桂牛寿边燕冀尚农温庄晏柴瞿阎慕连习艾鱼容向古易廖庾终居衡步都耿满匡国文寇广"
    "东欧利师巩聂关相查后荆红游权盖益桓公佟及涂肖仝宫辛付"
)
_BYLINE = re.compile(
    rf"^[□■◎●▲◇◆○☉\s]*(?:本报|本刊|本台|见习|实习|特约|全媒体|融媒体?|首席|新华社|[{_HAN}]{{2,8}}(?:报|台|网|社|融媒|中心))?"
    rf"\s*(?:全媒体|融媒体?|见习|实习|特约|首席|本报)*(?:记者|通讯员|评论员|特派员|撰稿人?)[\s:]*[{_HAN}\s、,·/]{{2,40}}(?:文/图|图/文|文并图|摄影报道|报道|文)?$"
    rf"|^[□■◎●▲◇◆○]\s*[{_HAN}·\s]{{2,12}}$"
    rf"|^(?:文|图|文/图|图/文|作者|撰文|供稿|来源)\s*[/:|]\s*[{_HAN}·\s、/]{{2,20}}$"
)
_NAME = re.compile(rf"^[{_HAN}]{{2,3}}$|^[{_HAN}]\s+[{_HAN}]$|^[{_HAN}]{{4}}$")
_BRIEF = re.compile(
    rf"^\s*(?:本报|本刊|本网|[{_HAN}]{{2,8}}(?:日报|晚报|晨报|网|社|融媒))?(?:[{_HAN}]{{0,6}}讯|[{_HAN}]{{0,8}}\d{{1,2}}月\d{{1,2}}日电)"
    rf"\s*(?:[(][^()]{{1,40}}[)]|(?= [^。]*[,。])|(?:本报)?(?:记者|通讯员) ?[{_HAN}]{{2,4}}(?:报道)?[:])\s*"
)
_PHOTO_CREDIT = re.compile(rf"^[(]?[{_HAN}\s/·、:]{{0,24}}(?:摄|供图|摄影报道)[)]?$|^(?:特约|本报)?摄影[\s:/]*[{_HAN}·\s]{{2,8}}$")
_INLINE_PHOTO = re.compile(
    rf"(?<=[。!?”])\s*[(]?(?:[{_HAN}/]{{0,10}}(?:记者|通讯员|摄影)[\s:]*)?[{_HAN}·、\s]{{2,12}}(?:摄|供图)[)]?\s*$"
)
_TRAILING_BYLINE = re.compile(r"(?<=[。!?…”’])\s*[(](?:[^()。]{2,40})[)]\s*$")
_CREDIT = re.compile(
    r"^[【(\[]?\s*(?:本版|本期|一版|二版|三版|四版|版面)?(?:责任)?(?:编辑|责编|校对|美编|版式|审核|复审|终审|初审|监制|排版|主编|值班主任|值班编委|组版|编审|检校|制图|统筹|电子信箱|投稿邮箱)"
    r"[\s:/|]"
)
_SITE = re.compile(
    r"版权|©|ICP备|公网安备|备案号|许可证|不良信息|网站地图|网站简介|联系我们|联系方式|联系方法|广告服务|关于我们|技术支持|免责声明|"
    r"二维码|公众号|客户端|下载APP|扫一扫|扫码(?:关注|下载|阅读)|点击上方|蓝字关注|阅读原文|分享到|分享至|未经.{0,8}授权|转载|新闻热线|举报电话|订阅热线|"
    r"打印本页|【打印|关闭窗口|相关新闻|相关链接|推荐阅读|往期回顾|上一篇|下一篇|返回顶部|“在看”|^首页|当前位置|您的位置|"
    r"[(]?(?:下转|上接|转|紧接)第?[一二三四五六七八九十\d]+版|意见反馈|^[—–\-\s]*(?:END|完)[—–\-\s]*$|第\d+期$|爆料热线|往期推荐|评论区留言"
)
_DATE = re.compile(r"(?<!\d)((?:19|20)?\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?(?!\d)")
_DATELINE_WORD = re.compile(r"来源|作者|编辑|阅读|浏览|点击|评论|发布|字号|打印|收藏|时间|星期|第\d+版|:\d\d")
_PLACE_ONLY = re.compile(rf"^[{_HAN}·]{{1,14}}(?:省|自治区|市|盟|州|区|县|旗|镇|乡|苏木|街道|社区|村|嘎查|小区)$")
_STARTER = re.compile(
    r"^(?:在|为|随着|近年来|近日|日前|今年|去年|目前|如今|现在|此外|同时|据|针对|围绕|通过|经过|自|当|由于|面对|对于|按照|结合|依托|"
    r"记者|走进|图为|这|该|其|他|她|我|下一步|接下来|截至|\d|“|一|从|每|截止|过去|以前)"
)
_CONTINUER = re.compile(r"^(?:[也了的着过和与及而就都还并等地得们性者化后中上下里时,。、;)”且或使将让被把更再又]|起来|成立|建设)")


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

    def name(self, label: str, why: str) -> None:
        self.label, self.why = label, why


def ends_open(text: str) -> bool:
    """Tell whether `text` stops in mid-sentence: no final punctuation, and no credit or byline at its end."""
    if _INLINE_PHOTO.search(text) or _TRAILING_BYLINE.search(text):
        return False
    bare = text.rstrip(CLOSERS + " \u3000")
    return not bare or bare[-1] not in FINAL


def body_span(line: Line) -> tuple[int, int]:
    """Return the span of the line's prose in the file: without `本报讯(记者 …)` before it and credits behind it."""
    head = _BRIEF.match(line.text)
    start = line.start + (head.end() if head else 0)
    tail = _INLINE_PHOTO.search(line.text) or _TRAILING_BYLINE.search(line.text)
    return start, max(start, line.start + tail.start() if tail else line.end)


def byline_span(line: Line) -> tuple[int, int] | None:
    """Return where in the file a body line holds a byline: `本报讯(记者 …)` before the text, a name behind it."""
    for pattern in (_BRIEF, _TRAILING_BYLINE, _INLINE_PHOTO):
        found = pattern.search(line.text)
        if found:
            return line.start + found.start(), line.start + found.end()
    return None


def dateline(text: str) -> str:
    """Return the ISO date printed in a site's date bar, or "" when there is none or it is impossible."""
    found = _DATE.search(text)
    if not found:
        return ""
    year, month, day = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def label_lines(text: str) -> list[Line]:
    """Return the page's non-blank lines, each labelled."""
    lines = _split(text)
    for line in lines:
        _label_alone(line)
    _mark_stanzas(lines)
    _mark_prose(lines)
    _mark_site_tail(lines)
    _mark_captions(lines)
    _mark_heads(lines)
    return lines


def _split(text: str) -> list[Line]:
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


def _label_alone(line: Line) -> None:
    """Label what a line's own shape decides; the rest stays `body` (prose) or becomes `short`."""
    text, size = line.text, len(line.text)
    if _CREDIT.search(text) and size <= 80:
        line.name("credit", "names editors or proof-readers")
    elif _DATE.search(text) and _DATELINE_WORD.search(text) and size <= 120 and not _is_prose(text):
        line.name("site", "date and source bar")
    elif _SITE.search(text) and (size <= 60 or len(_SITE.findall(text)) >= 2) and not _BRIEF.match(text):
        line.name("site", "site furniture")
    elif re.match(r"^[▲△▼].*图", text) and size <= 80:
        line.name("caption", "marked as the words to a picture")
    elif _PHOTO_CREDIT.match(text) and size <= 30:
        line.name("photo-credit", "names a photographer")
    elif _BYLINE.match(text) and size <= 50 and not _names_nobody(text):
        line.name("byline", "names a reporter")
    elif re.match(r"^(?:——|—|--|──)", text) and size <= 60:
        line.name("subtitle", "begins with a dash")
    elif _BRIEF.match(text):
        line.name("body", "begins like a news brief")
    elif _is_prose(text):
        line.name("body", "prose")
    else:
        line.name("short", "short, no sentence in it")


def _names_nobody(text: str) -> bool:
    """Tell whether what follows 记者 in a would-be byline is too short to be anything but a name, and is none."""
    found = re.search(rf"(?:记者|通讯员|评论员)\s*([{_HAN}]{{2,3}})$", text)
    return found is not None and found[1][0] not in _SURNAMES


def _is_prose(text: str) -> bool:
    return "。" in text or ";" in text or len(text) > 60 or ("," in text and len(text) >= 32)


def _mark_stanzas(lines: list[Line]) -> None:
    """Take unbroken runs of short lines for text, on pages that are set like verse (as social media posts are)."""
    blocks: list[list[Line]] = []
    for line in lines:
        if blocks and line.gap == 0:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    stanzas = [block for block in blocks if len(block) > 1 and all(len(line.text) <= 30 for line in block)]
    if 2 * sum(map(len, stanzas)) < len(lines) or len(stanzas) < 5:
        return
    for stanza in stanzas:
        for line in stanza:
            if line.label in ("body", "short"):
                line.name("body", STANZA)


def _mark_prose(lines: list[Line]) -> None:
    """Turn short lines that are pieces of a sentence into body; backwards, as a piece is known by what follows it."""
    for line, following in reversed(list(pairwise(lines))):
        if line.label != "short" or following.label != "body" or not ends_open(line.text) \
                or following.why == STANZA and following.gap:
            continue
        first_piece = re.split(r"[,。;]", following.text)[0]
        if line.text[-1] in ",、":
            line.name("body", "ends with a comma, and text follows")
        elif re.search(r"[,、:]", line.text) and (_CONTINUER.match(following.text) or len(first_piece) <= 2):
            line.name("body", "piece of a sentence that the next line continues")


def _mark_site_tail(lines: list[Line]) -> None:
    """Label everything behind the last article's credit or site line, when nothing there reads like an article."""
    tail = len(lines)
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if line.label in ("credit", "site"):
            tail = i
        elif line.label != "short" and not (line.label == "body" and _SITE.search(line.text)):
            break
    for line in lines[tail:]:
        if line.label not in ("credit", "site"):
            line.name("site", "behind the page's last credit or site line")


def _mark_captions(lines: list[Line]) -> None:
    usual_gap = Counter(line.gap for line in lines[1:]).most_common(1)[0][0] if len(lines) > 1 else 0
    bodies = [line for line in lines if line.label == "body"]
    indented = sum(line.indented for line in bodies) * 2 > len(bodies)
    for i, line in enumerate(lines):
        if line.label != "body" or line.why == STANZA or _BRIEF.match(line.text):
            continue
        before = lines[i - 1] if i else None
        after = lines[i + 1] if i + 1 < len(lines) else None
        single = len(re.findall(r"[。!?]", line.text)) <= 1 and len(line.text) <= 45 and not ends_open(line.text)
        if _INLINE_PHOTO.search(line.text) or (after is not None and after.label == "photo-credit"):
            line.name("caption", "a photographer is named behind it")
        elif re.match(r"^[▲△↑→←▼◀▶]?\s*(?:上|下|左|右)?图[为::是片]", line.text) and len(line.text) <= 80:
            line.name("caption", "says what the photo shows")
        elif not single or len(line.text) < 8 or after is None:
            continue
        elif line.gap > usual_gap and (before is None or before.label != "body" or after.label != "body"
                                       or ends_open(before.text)):
            line.name("caption", "one sentence set off by a photo's gap")
        elif indented and not line.indented and before is not None and before.label != "body":
            line.name("caption", "not indented as the text is, before the text begins")
        elif before is not None and before.label == "body" and ends_open(before.text) and after.label == "body" \
                and _fits(before, after, lines) > _fits(before, line, lines):
            line.name("caption", "stands inside a sentence that the next line continues")


def _fits(before: Line, after: Line, lines: list[Line]) -> int:
    """Score how well `after` continues the sentence that `before` leaves open."""
    pair = before.text[-1] + after.text[0]
    seen = sum(pair in line.text for line in lines)
    return 2 * bool(_CONTINUER.match(after.text)) + min(seen, 2) - 2 * bool(_STARTER.match(after.text))


def _mark_heads(lines: list[Line]) -> None:
    """Give roles to the short lines between two pieces of text: an article's head, or section heads."""
    i = 0
    while i < len(lines):
        if lines[i].label in ("body", "caption"):
            i += 1
            continue
        j = i
        while j < len(lines) and lines[j].label not in ("body", "caption"):
            j += 1
        _mark_run(lines, i, j)
        i = j
    for k, line in enumerate(lines):
        # A captioned photo that stands right behind an article's text and before the next head is an item of its own.
        if k and line.label == "caption" and lines[k - 1].label == "body" and line.gap and _is_photo_news(lines, k) \
                and ends_open(lines[k - 1].text):
            line.name("body", "the text of photo news without a headline")
            line.opens = True


def _mark_run(lines: list[Line], i: int, j: int) -> None:
    before = lines[i - 1] if i else None
    run = lines[i:j]
    while run and before is not None and run[0].label == "photo-credit":
        run = run[1:]
    heads = [line for line in run if line.label in ("short", "byline", "subtitle")]
    _mark_bare_names(heads)
    shorts = [line for line in heads if line.label == "short"]
    text = lines[j] if j < len(lines) else None
    reason = _opens_article(before, run, heads, shorts, lines, j)
    photo_news = _is_photo_news(lines, j)
    if photo_news and (reason or shorts):
        reason = reason or "photo news follows"
        lines[j].name("body", "the text of photo news")
    if not reason:
        for line in shorts:
            line.name("section", "alone between paragraphs, no byline near")
        if before is not None and photo_news and text is not None:
            text.opens = True
            text.name("body", "the text of photo news")
        return
    _assign(heads, reason, lines)
    first = heads[0] if heads else text
    if first is not None:
        first.opens = True


def _mark_bare_names(heads: list[Line]) -> None:
    if any(line.label == "byline" for line in heads):
        return
    for above, line in pairwise(heads):
        if (line.label == "short" and _NAME.match(line.text) and line.text[0] in _SURNAMES and len(line.text) <= 3
                and len(above.text) > 4):
            line.name("byline", "a bare name under a headline")
            return


def _opens_article(before: Line | None, run: list[Line], heads: list[Line], shorts: list[Line],
                   lines: list[Line], j: int) -> str:
    """Return why this run opens an article, or "" when its short lines are section heads."""
    if j >= len(lines) or not (heads or before is None):
        return ""
    if before is None:
        return "first on the page"
    for label, why in (("byline", "a byline stands here"), ("subtitle", "a sub-headline stands here")):
        if any(line.label == label for line in heads):
            return why
    if _BRIEF.match(lines[j].text):
        return "a news brief follows"
    if not shorts:
        return ""
    if any(line.label == "credit" for line in run):
        return "credits stand before it"
    if _TRAILING_BYLINE.search(before.text):
        return "the article before ends with its byline"
    if len(shorts) >= 2 and (_is_label(shorts[0]) or _is_label(shorts[-1]) or _PLACE_ONLY.match(shorts[0].text)):
        return "a column label or place stands with it"
    return ""


def _is_photo_news(lines: list[Line], j: int) -> bool:
    """Tell whether lines[j] is a caption that no article's text follows: an item of its own."""
    if j >= len(lines) or lines[j].label != "caption" or "photographer" not in lines[j].why:
        return False
    k = j + 1
    while k < len(lines) and lines[k].label in ("photo-credit", "credit", "site"):
        k += 1
    if k >= len(lines):
        return True
    return lines[k].label not in ("body", "caption")


def _is_label(line: Line) -> bool:
    return len(line.text) <= 4 or bool(re.search(r"[①-⑳㉑-㉟]$|专栏$|系列报道|^[【\[].+[】\]]$|^[★☆◆].{1,12}$", line.text))


def _assign(heads: list[Line], reason: str, lines: list[Line]) -> None:
    """Name the lines of an article's head, from its headline outwards."""
    anchor = next((k for k, line in enumerate(heads) if line.label in ("byline", "subtitle")), len(heads))
    above = [line for line in heads[:anchor] if line.label == "short"]
    for line in heads[anchor:]:
        if line.label == "short":
            line.name("label", "short line between byline and text")
    if not above:
        return
    while len(above) > 1 and _is_label(above[-1]) and not _is_label(above[-2]):
        above.pop().name("label", "column label")
    if len(above) == 1 and _is_column(above[0], lines):
        above[0].name("label", "the text calls it a column")
        return
    headline = above.pop()
    headline.name("headline", reason)
    while above:
        line, below = above.pop(), headline
        if _PLACE_ONLY.match(line.text) and len(line.text) <= 16:
            line.name("kicker", "a place alone above a headline")
        elif _is_label(line):
            line.name("label", "column label above a headline")
        elif below.gap == 0 and line.gap > 0 or _is_wrapped(line.text):
            line.name("headline", "first part of a wrapped headline")
            headline = line
        else:
            line.name("label", "line above a headline")


def _is_column(line: Line, lines: list[Line]) -> bool:
    """Tell whether the page's text speaks of a column by the name that stands on `line`."""
    name = f"《{line.text}》"
    return any(name + kind in other.text for other in lines for kind in ("栏目", "专栏"))


def _is_wrapped(text: str) -> bool:
    return bool(re.search(r"[、,的与和及“《]$", text)) or text.count("“") > text.count("”") or text.count("《") > text.count("》")
