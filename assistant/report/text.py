"""Every word of a report that is not of an answer or an article, one dict a language, the same keys in each."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "邻鉴问答",
        "made": "{date} 由邻鉴据收录的报道整理；每一处出处下面是报道原句。",
        "question": "问：",
        "understood": "理解为：",
        "references": "出处",
        "left_out": "另有 {count} 句没有找到依据，未导出。",
        "no_source": "报纸未印",
        "no_date": "日期未印",
        "no_title": "（无标题）",
        "also_printed": "另见于：",
        "quoted": "“{}”",
        "nothing": "没有可以导出的回答。",
    },
    "en": {
        "title": "Linjian: questions and answers",
        "made": "Put together by Linjian on {date} from the collected reports; below each source stand its own words.",
        "question": "Question: ",
        "understood": "Understood as: ",
        "references": "Sources",
        "left_out": "Statements without evidence that were left out: {count}.",
        "no_source": "newspaper unknown",
        "no_date": "date unknown",
        "no_title": "(no headline)",
        "also_printed": "Also printed in: ",
        "quoted": "“{}”",
        "nothing": "There is no answer to export.",
    },
}
