"""What every reader of a format returns, and the fence around the libraries that read hostile bytes."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from index.errors import FileError
from index.messages import FileProblem
from index.text.normalize import printed
from index.types import NOTHING, Heading, Metadata

BETWEEN_CELLS = " | "
"""Between the cells of a table's row: by it the row is known as one when the page is taken apart."""
WIDE_CELL = 60
"""Characters from which a table's cell is a paragraph of its own: such tables are a page's layout."""
_LONGEST_ERROR, _LEAST_TEXT = 300, 20
"""Characters of what a site says in place of a page, at most, and of a sentence that is more than that."""
_ERROR = re.compile(r"""
    ^\W* (?:
        (?:http\s*)?(?:error\s*)?(?:40\d|50\d)\s*(?:$|[-:|,.。，：]|not\b|error|forbidden|bad\b|page|internal|service|gateway|nginx|页|错误|抱歉)
      | error\b | (?:page\s|file\s)?not\ found | access\ denied | forbidden | bad\ gateway | gateway\ time-?out
      | service\ (?:temporarily\ )?unavailable | (?:connection|request)\ (?:timed\ out|refused|reset|failed)
      | just\ a\ moment | please\ enable\ (?:javascript|cookies)
    )
  | ^[^。]{0,12}?(?:页面|网页|内容|文章|链接|资源|文件)(?:已经?)?(?:被)?
    (?:不存在|找不到|无法(?:访问|打开|显示|找到)|(?:发布者|作者)?删除|失效|过期|出错)
  | ^[^。]{0,8}?(?:找不到|无法(?:访问|打开|显示)|未找到)(?:该|此|您)?[^。，]{0,8}(?:页面|网页|内容|文章)
  | ^\W*(?:抱歉|对不起)?\W*(?:服务器|系统|网络|解析|请求|抓取|加载|数据)(?:内部)?(?:错误|出错|异常|繁忙|超时|失败)
  | ^\W*请(?:先)?(?:开启|启用|打开)\s?(?:JavaScript|Cookie)
""", re.VERBOSE | re.IGNORECASE)
_LOGGERS = ("trafilatura", "htmldate", "courlan", "justext", "pypdfium2", "docx")


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of one page, how it was got ("utf-8", "docx" …), and what the format says besides the text."""

    text: str
    encoding: str
    metadata: Metadata = NOTHING
    headings: tuple[Heading, ...] = ()


class Lines:
    """Gathers the lines of an extracted text and remembers which of them are headings."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._headings: list[Heading] = []

    def add(self, line: str, level: int | None = None) -> None:
        """Add a line; `level` makes it a heading."""
        line = _line(line)
        if line and level is not None:
            self._headings.append(Heading(self._size, self._size + len(line), level))
        self._lines.append(line)
        self._size += len(line) + 1

    def has(self, line: str) -> bool:
        """Tell whether `line` was added."""
        return _line(line) in self._lines

    def extract(self, encoding: str, metadata: Metadata | None = None) -> Extract:
        return Extract("\n".join(self._lines), encoding, metadata or NOTHING, tuple(self._headings))


def _line(text: str) -> str:
    return printed(" ".join(printed(text).split()))


@contextmanager
def library(file: str, kind: str) -> Iterator[None]:
    """Run a library on the bytes of `file`: whatever it raises is a FileError, and it prints nothing.

    Parsers meet broken files with nearly any exception, and with warnings and log lines that mean nothing to whoever
    adds a folder of pages.
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        except FileError:
            raise
        except Exception as error:
            raise FileError(FileProblem.BROKEN, file=file, kind=kind, error=type(error).__name__) from error
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def error_told(text: str) -> str:
    """Return the line by which a site said that it has no page, where that is all that was saved; "" for an article."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if sum(map(len, lines)) > _LONGEST_ERROR:
        return ""
    told = [line for line in lines if len(line) <= (90 if line.isascii() else 40) and _ERROR.search(line)]
    others = [line for line in lines if line not in told]
    return told[0] if told and not any(len(line) >= _LEAST_TEXT and line[-1] in "。！？" for line in others) else ""
