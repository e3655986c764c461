"""The names of metadata in tables and side files, in English and Chinese, and how their values are read."""

from __future__ import annotations

from collections.abc import Mapping

from index.text.dates import iso_date
from index.types import Metadata

NAMES = {
    "text": ("text", "content", "body", "article", "passage", "正文", "内容", "文本"),
    "title": ("title", "headline", "标题", "题目"),
    "source": ("source", "newspaper", "paper", "media", "来源", "报纸", "媒体"),
    "date": ("date", "published", "publish_date", "pubdate", "日期", "发布日期", "时间"),
    "place": ("place", "location", "地点", "地区", "社区"),
    "byline": ("byline", "author", "reporter", "作者", "记者"),
    "url": ("url", "link", "网址", "链接"),
    "id": ("id", "_id", "编号", "序号"),
    "file": ("file", "filename", "文件", "文件名"),
}
_FIELD = {name: field for field, names in NAMES.items() for name in names}


def field_of(column: str) -> str:
    """Return which of our fields a column is, "" when it is none of them."""
    return _FIELD.get(column.strip().lower(), "")


def fields(row: Mapping[str, object]) -> dict[str, str]:
    """Return our fields of a row as text; columns that we do not know are left out, the first of two wins."""
    found: dict[str, str] = {}
    for column, value in row.items():
        field = field_of(column) if isinstance(column, str) else ""
        if field and field not in found and isinstance(value, str | int | float) and str(value).strip():
            found[field] = str(value) if field == "text" else " ".join(str(value).split())
    return found


def metadata(found: Mapping[str, str]) -> Metadata:
    """Return the metadata among `found`; a date that is no whole day is unknown."""
    known = {name: found[name] for name in ("title", "byline", "source", "place", "url") if name in found}
    return Metadata(**known, date=iso_date(found.get("date", "")))
