"""Files of every format, made by the libraries that such files are made with. The articles are invented."""

import io
import zipfile
from collections.abc import Sequence
from functools import cache

PARAGRAPHS = (
    "近日，走进柳溪区桃园街道玉兰苑社区，新建的电动车棚里整整齐齐停着四十多辆车。社区党委书记周明说，以前居民拉飞线充电，大家都提心吊胆。",
    "“一楼不出钱，二楼每户八千元，越高越多。”居民李大爷掰着手指头算账，电梯装好以后，他每天都要下楼走两圈。",
    "为了把事情办好，社区召开了十二次居民议事会，收集意见建议七十六条，最终形成了大家都认可的方案。",
    "截至八月底，玉兰苑社区已加装电梯十四台，惠及居民二百三十户。下一步，社区将推广这一做法。",
)
OTHERS = (
    "柏树湾社区的飞线让人头疼了三年。社区先建车棚，再劝拆飞线，一个月拆掉飞线一千三百余条。",
    "“车棚建在哪里，得听住户的。”网格员小程挨家挨户上门，把二百一十户的意见记了满满两个本子。",
    "如今车棚里装了四十八个充电口，充一次电一块二毛钱，比拉飞线还便宜，也没有人再为充电的事争吵。",
)
MENU = ("首页", "要闻", "时政", "民生", "社会", "教育", "健康", "视频", "专题", "政务公开")
RELATED = ("全县召开三季度经济运行分析会", "县领导调研防汛备汛工作", "桃园街道开展反诈宣传进社区活动", "一图读懂新修订的条例")


def _links(texts: Sequence[str]) -> str:
    return "".join(f'<li><a href="/{n}.html">{text}</a></li>' for n, text in enumerate(texts))


def html_news(paragraphs: Sequence[str] = PARAGRAPHS, charset: str = "utf-8", head: str = "") -> str:
    """A county's news site: menu, path, date bar, share bar, related news, footer."""
    text = "".join(f"<p>　　{p}</p>" for p in paragraphs)
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>一部电梯装成了-云泽新闻网</title>{head}'
        "<script>track('页面')</script><style>p{color:red}</style></head><body>"
        f'<div class="top"><ul>{_links(MENU)}</ul></div>'
        '<div class="path">当前位置：<a href="/">首页</a> &gt; <a href="/m">民生</a> &gt; 正文</div>'
        '<div class="main"><h1>一部电梯装成了</h1><div class="info"><span>2024-05-06 08:30</span> <span>来源：云泽日报</span>'
        f' <span>作者：苏晴</span></div><div class="content">{text}<h2>“飞线”落了地</h2><p>　　{OTHERS[0]}</p></div>'
        '<div class="editor">责任编辑：王二</div><div class="share">分享到：<a>微信</a><a>微博</a></div></div>'
        f'<div class="side"><h3>相关新闻</h3><ul>{_links(RELATED)}</ul></div>'
        '<div class="foot">版权所有 云泽新闻网 备案号12345678 <a>关于我们</a></div></body></html>'
    )


def html_tables(paragraphs: Sequence[str] = PARAGRAPHS) -> str:
    """An old government site: laid out in tables, paragraphs parted by <br>, GB2312."""
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
        "<title>一部电梯装成了_柳溪县政府网</title></head><body><table><tr><td>"
        + " | ".join(f'<a href="/{n}">{text}</a>' for n, text in enumerate(MENU))
        + "</td></tr><tr><td><table><tr><td align=center><font size=5><b>一部电梯装成了</b></font></td></tr>"
        "<tr><td>发布时间：2024年05月06日  来源：柳溪日报  点击数：88 【字体：大 中 小】</td></tr><tr><td>"
        + "<br/><br/>".join(f"　　{p}" for p in paragraphs)
        + f"</td></tr><tr><td>【打印本页】【关闭窗口】</td></tr></table></td><td><ul>{_links(RELATED)}</ul></td></tr>"
        "<tr><td>主办：柳溪县人民政府办公室 备案号 123</td></tr></table></body></html>"
    )


def html_post(paragraphs: Sequence[str] = PARAGRAPHS) -> str:
    """A post of a public account: nested sections, no title element, the date in a script's element."""
    sections = "".join(f"<section><section><p><span>{p}</span></p></section></section>" for p in paragraphs)
    return (
        '<html><head><meta charset=utf-8><meta property="og:title" content="一部电梯装成了"><title></title></head><body>'
        '<div id="img-content"><h1 id="activity-name">一部电梯装成了</h1><div><span>桃园发布</span>'
        '<em id="publish_time">2024-05-06 18:30</em></div>'
        f'<div id="js_content" style="visibility: hidden;">{sections}<section><p>END</p><p>往期推荐</p>'
        f'<p><a href="1">{RELATED[0]}</a></p></section></div></div></body></html>'
    )


def html_epaper(paragraphs: Sequence[str] = PARAGRAPHS) -> str:
    """A newspaper's electronic edition: the site's name first in the title, headline and shoulder in small headings."""
    text = "".join(f"<P>　　{p}</P>" for p in paragraphs)
    return (
        "<html><head><meta charset=utf-8><title>云泽日报数字报-一部电梯装成了</title></head><body>"
        "<table><tr><td>第A06版：民生</td><td><a>上一版</a><a>下一版</a></td></tr></table>"
        '<div id="left"><div>2024年05月06日 星期一</div><div><p>——玉兰苑社区加装电梯记</p><h2>一部电梯装成了</h2>'
        f"<p>本报记者 苏晴</p></div><div id=ozoom>{text}</div></div>"
        f'<div class="right"><ul><li><a href=1>第A01版：头版</a></li>{_links(RELATED)}</ul></div></body></html>'
    )


@cache
def docx_bulletin(properties: bool = True) -> bytes:
    """A bulletin of two articles with headings, a table and a text box, by python-docx."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    if properties:
        document.core_properties.author, document.core_properties.title = "Administrator", "模板"
    document.add_heading("一部电梯装成了", 1)
    document.add_paragraph("本报记者 苏晴")
    for text in PARAGRAPHS[:3]:
        document.add_paragraph(text)
    document.add_heading("大家来出主意", 2)
    document.add_paragraph(PARAGRAPHS[3])
    table = document.add_table(rows=2, cols=3)
    for row, values in zip(table.rows, (("社区", "户数", "电梯"), ("玉兰苑社区", "230户", "14台")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.add_heading("飞线落了地", 1)
    for text in OTHERS[:2]:
        document.add_paragraph(text)
    last = document.add_paragraph("")
    last._p.append(parse_xml(
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml">'
        f"<mc:AlternateContent><mc:Choice Requires='wps'><v:x><w:p><w:r><w:t>{OTHERS[2]}</w:t></w:r></w:p></v:x></mc:Choice>"
        f"<mc:Fallback><v:x><w:p><w:r><w:t>{OTHERS[2]}</w:t></w:r></w:p></v:x></mc:Fallback></mc:AlternateContent></w:r>"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@cache
def pdf_columns(articles: Sequence[tuple[str, Sequence[str]]], columns: int = 3, scrambled: bool = False,
                password: str = "") -> bytes:
    """A newspaper page: each article a headline over all columns and its text below in columns, by reportlab.

    `scrambled` draws the lines of all columns row by row, as some typesetters write them.
    """
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Paragraph

    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    style = ParagraphStyle("body", fontName=font, fontSize=10, leading=15, wordWrap="CJK", firstLineIndent=20)
    out, gap, wide = io.BytesIO(), 16, 180
    encrypt = StandardEncryption(password) if password else None
    canvas = Canvas(out, pagesize=(columns * (wide + gap) + 80, 1150), encrypt=encrypt)
    top = 1100.0
    for headline, paragraphs in articles:
        canvas.setFont(font, 24)
        canvas.drawString(40, top - 24, headline)
        top -= 40
        lines: list[tuple[str, float]] = []
        for paragraph in paragraphs:
            broken = Paragraph(paragraph, style).breakLines([wide - 20, wide])
            lines += [("".join(words), 20.0 if n == 0 else 0.0) for n, (_, words) in enumerate(broken.lines)]
        deep = -(-len(lines) // columns)
        places = [(n % deep, n // deep, line) for n, line in enumerate(lines)]
        canvas.setFont(font, 10)
        for row, column, (text, indent) in sorted(places) if scrambled else places:
            canvas.drawString(40 + column * (wide + gap) + indent, top - 15 * (row + 1), text)
        top -= 15 * deep + 30
    canvas.save()
    return out.getvalue()


@cache
def pdf_scan() -> bytes:
    """A page that is one picture."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(400, 600))
    canvas.drawImage(ImageReader(Image.new("RGB", (40, 60), "white")), 0, 0, 400, 600)
    canvas.save()
    return out.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, raw in members.items():
            packed.writestr(name, raw)
    return out.getvalue()


@cache
def pdf_lines(pages: Sequence[Sequence[tuple[float, float, str]]]) -> bytes:
    """Pages of lines where they are put (left, base line, text), ten points high, by reportlab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 800))
    for lines in pages:
        canvas.setFont("STSong-Light", 10)
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_with_digits(lines: Sequence[Sequence[str]], ascent: int = 1328, descent: int = -1036) -> bytes:
    """A page whose digits stand in a font that claims much more room than they take, as in Chinese typesetting.

    Each line is its pieces, digits and Chinese in turn; the first is a headline twice as large.
    """
    drawn, y = [], 790
    for n, pieces in enumerate(lines):
        size, x = (20, 60) if n == 0 else (10, 60)
        for piece in pieces:
            font, shown = ("F2", f"({piece})") if piece.isascii() else ("F1", f"<{piece.encode('utf-16-be').hex()}>")
            drawn.append(f"BT /{font} {size} Tf {x} {y} Td {shown} Tj ET")
            x += len(piece) * (size // 2 if piece.isascii() else size) + 1
        y -= 30 if n == 0 else 14
    stream = "\n".join(drawn).encode()
    widths = b"500 " * 10
    return _pdf((
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 8 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
        b" /FontDescriptor 7 0 R /DW 1000 >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880"
        b" /Descent -120 /CapHeight 880 /StemV 93 >>",
        b"<< /Type /Font /Subtype /TrueType /BaseFont /Digits /Encoding /WinAnsiEncoding /FirstChar 48 /LastChar 57 /Widths [%b]"
        b" /FontDescriptor 9 0 R >>" % widths,
        b"<< /Type /FontDescriptor /FontName /Digits /Flags 32 /FontBBox [-100 -1000 1000 1400] /ItalicAngle 0 /Ascent %d /Descent %d"
        b" /CapHeight 700 /StemV 80 >>" % (ascent, descent),
    ))


def _pdf(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, the first of which is its catalog."""
    out, at = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        at.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in at)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out))
