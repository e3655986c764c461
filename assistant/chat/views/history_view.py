"""The list of conversations as HTML: by day, each with what can be done with it; titles and questions are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from assistant.export.report_formats import REPORT_FORMATS
from assistant.locales.loader import Section
from assistant.storage.types import Conversation
from assistant.templates.environment import render


def conversation_list(listed: Sequence[Conversation], shown: str | None, text: Section, now: datetime) -> str:
    """Return the conversations, given latest first, in groups by how long ago they rested; `shown` is the open one.

    Days and hours are those of the time zone of `now`.
    """
    timed = [(one, datetime.fromisoformat(one.updated).astimezone(now.tzinfo)) for one in listed]
    groups = [(text[f"days_{ago}"], [(one, _moment(then, now)) for one, then in entries])
              for ago, entries in groupby(timed, key=lambda pair: _ago(pair[1], now))]
    return render("chat/history.html", text=text, groups=groups, shown=shown, formats=REPORT_FORMATS)


def _ago(then: datetime, now: datetime) -> str:
    days = (now.date() - then.date()) / timedelta(days=1)
    return "today" if days < 1 else "yesterday" if days < 2 else "week" if days < 7 else "earlier"


def _moment(then: datetime, now: datetime) -> str:
    """Return the hour of today, else the day, with its year where that is another one."""
    if then.date() >= now.date():
        return f"{then:%H:%M}"
    return f"{then:%m-%d}" if then.year == now.year else f"{then:%Y-%m-%d}"
