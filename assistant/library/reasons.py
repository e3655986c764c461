"""Chinese for what the index says in English: why a line has its label, and why a file could not be read.

The index speaks to the command line, in English. What is not listed here is shown as it is; tests compare the lists with
what the index says of every test page and every kind of broken file.
"""

from __future__ import annotations

import re

REASONS = {
    "a bare name under a headline": "标题下单独的人名",
    "a byline stands here": "这里有署名",
    "a column label or place stands with it": "旁边有栏目名或地名",
    "a date alone": "只有日期",
    "a gap as wide as before the page's other articles": "前面的空行与版面其他报道之前一样宽",
    "a letter begins": "一封来信的开头",
    "a line of a stanza": "诗行、歌词式排列",
    "a news brief follows": "后面是消息电头",
    "a photographer is named behind it": "后面写着摄影者",
    "a photographer is named under it": "下面写着摄影者",
    "a piece of a paragraph set in a narrow column": "窄栏里折断的段落",
    "a piece of its own by its label": "栏目名说明它自成一篇",
    "a place alone above a headline": "标题上方单独的地名",
    "a row of a table": "表格的一行",
    "a scene inside a sentence that the next line continues": "夹在一句话中间的画面描写",
    "a sub-headline stands here": "这里有副题",
    "a turn of a conversation": "对话中的一段",
    "above a text that goes on from another page": "转版续文上方",
    "above the page's first article": "在第一篇报道之上",
    "alone between paragraphs, no byline near": "段落之间独立的短行，附近没有署名",
    "an arrow points at its photo": "有箭头指向图片",
    "begins like a news brief": "以消息电头开始",
    "begins with a dash": "以破折号开始",
    "behind the page's last credit or site line": "在最后一条编辑署名或版面信息之后",
    "column label": "栏目名",
    "column label above a headline": "标题上方的栏目名",
    "column label without a headline": "没有标题的栏目名",
    "credits stand before it": "前面是编辑署名",
    "date and source bar": "日期、来源栏",
    "date, paper or number of the page": "日期、报名或版次",
    "ends with a comma, and text follows": "以逗号结尾，下面是正文",
    "first on the page": "版面的第一条",
    "first part of a wrapped headline": "折成两行的标题的前半",
    "goes on from another page": "上接别的版面",
    "goes on on another page": "下转别的版面",
    "line above a headline": "标题上方的一行",
    "listed at the top, printed below": "版首导读，正文在下面",
    "marked as the words to a picture": "标明是图片文字",
    "named in the page's contents": "导读里列出了它",
    "names a photographer": "写着摄影者",
    "names a reporter": "写着记者",
    "names a scene as photos' words do, tells nothing": "像图片说明那样写一个画面，没有叙事",
    "names editors or proof-readers": "写着编辑、校对",
    "names who said the words above": "写着上面的话是谁说的",
    "names who wrote the text above": "写着上文的作者",
    "not indented as the text is": "不像正文那样缩进",
    "number of a page or issue": "版次或期号",
    "one sentence set off by a photo's gap": "被图片隔开的一句话",
    "photo news follows": "后面是图片新闻",
    "piece of a sentence that the next line continues": "句子的一部分，下一行接着说",
    "prose": "成段的叙述",
    "prose of the only article": "唯一一篇报道的叙述",
    "says on which page the text goes on": "写着转到哪一版",
    "says what the photo shows": "说明图片的内容",
    "says who stands where": "说明图中人物的位置",
    "says who the author is": "写着作者身份",
    "short line between byline and text": "署名与正文之间的短行",
    "short, no sentence in it": "太短，不成句",
    "signs the letter above": "来信的落款",
    "site furniture": "网站或版面的固定文字",
    "stands inside a sentence that the next line continues": "夹在一句话中间",
    "the article before ends with its byline": "上一篇以署名结束",
    "the file holds one article": "文件只有一篇报道",
    "the file marks it as a heading": "文件格式标明是标题",
    "the headline again, where the text goes on": "续文处重复的标题",
    "the text calls it a column": "文中称它为栏目",
    "the text of photo news": "图片新闻的文字",
    "the text of photo news without a headline": "没有标题的图片新闻的文字",
    "the text of the only article": "唯一一篇报道的正文",
}

_ERRORS = [(re.compile(pattern), said) for pattern, said in (
    (r"has no text layer|text layer without characters", "没有文字层（扫描件或图片），请先做文字识别（OCR）再加入"),
    (r"holds no article", "没有读到报道：没有一行像完整的句子"),
    (r"is empty|the text is empty", "文件里没有文字"),
    (r"was added from .* another file of that name", "资料库里已有从别处加入的同名文件。请给其中一个改名，或先把旧的移出"),
    (r"two files of this name", "有两个同名文件，请给其中一个改名"),
    (r"unprintable characters", "文件名里有不可见字符，请改名后再加入"),
    (r"no name for an article's file|leads out of the archive", "文件名不能用，请改名后再加入"),
    (r"name of more than \d+ bytes", "文件名太长，请改短后再加入"),
    (r"says something about a folder's files|metadata and archives inside",
     "这是给文件夹用的说明文件，或压缩包里的压缩包，请先解开；报道信息可在本页更正"),
    (r"would unpack to|holds [\d,]+ files; the limit|has [\d,]+ pages; the limit",
     "展开后超过上限，没有解开。请拆成几份再加入"),
    (r"has (?:more than )?[\d,]+ bytes.*limit", "文件超过大小上限，请拆成几份再加入"),
    (r"locked with a password|needs a password", "文件有密码，请去掉密码另存后再加入"),
    (r"save it as \.docx, \.pdf or \.txt", "不支持这种文件，请另存为 .docx、.pdf 或 .txt"),
    (r"save the table as \.csv", "不支持这种表格，请另存为 .csv"),
    (r"run OCR on it and add the text", "这是图片，请先做文字识别（OCR）再加入文字"),
    (r"unpack it, or pack it as \.zip", "不支持这种压缩包，请解开，或改用 .zip"),
    (r"is not supported; ", "不支持这种文件"),
    (r"holds no file of a known kind", "压缩包里没有可读的文件"),
    (r"the archive holds two files of this name", "压缩包里有两个同名文件，请解开改名后再加入"),
    (r"is not text", "不是文本文件，或编码不明。请另存为 UTF-8 文本后再加入"),
    (r"is broken|broken one|cannot be unpacked|no JSON|as CSV",
     "文件损坏，或内容与后缀不符。请用原来的程序打开、另存后再加入"),
    (r"does not hold it any more", "新的压缩包或表格里已没有它"),
    (r"cannot be read|cannot be opened", "文件打不开"),
)]


def reason_in(why: str, lang: str) -> str:
    """Return why a line has its label, in the language of the page ("zh-CN" or "en")."""
    return REASONS.get(why, why) if lang == "zh-CN" else why


def error_in(message: str, lang: str) -> str:
    """Return what is wrong with a file, in the language of the page; English is what the index itself said."""
    if lang != "zh-CN":
        return message
    return next((f"{said}。" for pattern, said in _ERRORS if pattern.search(message)), message)
