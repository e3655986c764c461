"""Every word of the chat page, one dict a language, the same keys in each."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "title": "邻鉴",
        "tagline": "其他社区怎么做？据报道作答，句句有出处。",
        "conversation": "对话",
        "welcome": "问一件社区里的难事，看看别的社区是怎么办的。\n\n"
                   "答案只取自收录的报道；报道里没有的，会直说没有。",
        "question_label": "问题",
        "question_hint": "例如：老旧小区没有物业，别的社区怎么管？（回车发送，Shift+回车换行）",
        "send": "发送",
        "stop": "停止",
        "clear": "清空对话",
        "examples": "可以这样问",
        "searching": "正在查找资料…",
        "stopped": "（已停止）",
        "too_long": "问题请不要超过 {limit} 字，现在有 {size} 字。",
        "unexpected": "出现了没有预料到的错误，这一问没有答成。"
                      "可以再问一次；若仍然如此，请告诉管理员查看日志。",
        "understood": "理解为：{question}",
        "no_evidence": "回答的出处会显示在这里。点回答里的 [1]，就能看到原文里的那一句。",
        "panel_of": "第 {key} 问的出处",
        "panel_refused": "第 {key} 问：报道中没有找到答案",
        "previous": "上一问的出处",
        "next": "下一问的出处",
        "citations": "引用 {count} 处",
        "milliseconds": "{count} 毫秒",
        "used": "回答的依据",
        "also_found": "也找到了，但没有引用（{count}）",
        "nearest": "最接近的报道（未作为依据）",
        "nothing_found": "没有找到相近的报道。",
        "weak_claims": "下面这些话没有找到足够的依据，请核对后再用：",
        "no_source": "报纸未印",
        "no_date": "日期未印",
        "no_title": "（无标题）",
        "open_article": "打开全文",
        "back": "回到回答",
        "close": "关闭",
        "copy": "复制回答和出处",
        "copied": "已复制",
        "references": "出处：",
        "gone": "这篇报道已不在索引中，只留下引用的原句。",
    },
    "en": {
        "lang": "en",
        "title": "Linjian 邻鉴",
        "tagline": "How did other communities do it? Answers from newspapers, each with its source.",
        "conversation": "Conversation",
        "welcome": "Ask about a problem in your community and see how others solved it.\n\n"
                   "Answers come only from the collected reports; what they do not say, you are told so.",
        "question_label": "Question",
        "question_hint": "e.g. how do others handle unmanaged housing? (Enter sends)",
        "send": "Send",
        "stop": "Stop",
        "clear": "Clear",
        "examples": "You could ask",
        "searching": "Searching the reports…",
        "stopped": "(stopped)",
        "too_long": "Please keep the question within {limit} characters; it has {size}.",
        "unexpected": "Something unforeseen went wrong and this question was not answered. You can ask "
                      "again; if it happens again, please ask your administrator to look at the log.",
        "understood": "Understood as: {question}",
        "no_evidence": "The sources of the answer will appear here. Follow a [1] to its sentence.",
        "panel_of": "Sources of answer {key}",
        "panel_refused": "Question {key}: no answer in the reports",
        "previous": "Sources of the previous answer",
        "next": "Sources of the next answer",
        "citations": "Citations: {count}",
        "milliseconds": "{count} ms",
        "used": "What the answer stands on",
        "also_found": "Also found, not cited ({count})",
        "nearest": "Nearest articles (not used as evidence)",
        "nothing_found": "No similar report was found.",
        "weak_claims": "These statements lack sufficient evidence; please check before you use them:",
        "no_source": "newspaper unknown",
        "no_date": "date unknown",
        "no_title": "(no headline)",
        "open_article": "Whole article",
        "back": "Back to the answer",
        "close": "Close",
        "copy": "Copy answer and sources",
        "copied": "Copied",
        "references": "Sources:",
        "gone": "This article is no longer in the index; only the cited sentence was kept.",
    },
}


def words(language: str) -> dict[str, str]:
    """Return the interface's words in `language`; an unknown language is an error, not a silent default."""
    if language not in WORDS:
        raise ValueError(f"no interface text for language {language!r}; there is {', '.join(sorted(WORDS))}")
    return WORDS[language]
