/* The page inside the widget's frame: asks, shows the answer as it is written, and the newspaper behind each citation.

   All text is put in as text, never as HTML: articles and answers are not trusted. The token lives in this variable
   alone; it comes by message from the page around us, whose origin must be on the site's list. */
(() => {
  "use strict";

  const words = JSON.parse(document.body.dataset.words);
  const allowed = JSON.parse(document.body.dataset.origins);
  const [limit, turns, gist] = ["limit", "turns", "gist"].map((name) => Number(document.body.dataset[name]));
  const by = (id) => document.getElementById(id);
  const [log, status, box, drawer, paper] = ["log", "status", "question", "drawer", "paper"].map(by);
  const PATIENCE = 10000; /* milliseconds to wait for the page around us */

  let token = null;
  let parentOrigin = null;
  let running = null;
  let history = [];
  let opener = null;
  let arrivals = []; /* those that wait for a token */

  /* -- the page around us ------------------------------------------------------------------------------------------ */

  /* "https://a.example" is that origin, "https://*.a.example" every host below. */
  function isAllowed(origin) {
    return allowed.some((pattern) => {
      const [scheme, rest] = pattern.split("://*.");
      if (rest === undefined) return origin === pattern;
      return origin.startsWith(`${scheme}://`) && origin.endsWith(`.${rest}`) && origin.length > `${scheme}://.${rest}`.length;
    });
  }

  function tell(type) {
    if (parentOrigin) window.parent.postMessage({ type }, parentOrigin);
  }

  window.addEventListener("message", (event) => {
    if (window.parent === window || event.source !== window.parent || !isAllowed(event.origin)) return;
    const message = event.data || {};
    if (message.type === "linjian:hello" && typeof message.token === "string") {
      parentOrigin = event.origin;
      const first = token === null;
      token = message.token;
      by("close").hidden = !message.floating;
      if (first) ready();
      arrive(true);
    } else if (message.type === "linjian:no-token") {
      parentOrigin = event.origin;
      say(message.status === 401 || message.status === 403 ? words.cut_off : fill(words.no_token, { reason: message.status || "-" }), true);
      arrive(false);
    } else if (message.type === "linjian:opened") {
      (drawer.hidden ? box : paper).focus();
    }
  });

  function arrive(came) {
    for (const resolve of arrivals.splice(0)) resolve(came);
  }

  /* Ask the page around us for another token; false when none came. */
  function anotherToken() {
    return new Promise((resolve) => {
      arrivals.push(resolve);
      setTimeout(() => resolve(false), PATIENCE);
      tell("linjian:token-wanted");
    });
  }

  function ready() {
    say("");
    offer();
    box.disabled = by("send").disabled = false;
    box.focus({ preventScroll: true });
  }

  /* Questions to begin with, below the welcome; a widget without them works as well. */
  let offered = [];
  async function offer() {
    try {
      const said = await (await call(`/api/v1/suggestions?language=${words.code}`, {}, false)).json();
      offered = said.questions;
    } catch {
      return;
    }
    showOffered();
  }
  function showOffered() {
    const welcome = log.querySelector(".welcome");
    if (!welcome || !offered.length) return;
    log.querySelector(".offers")?.remove();
    welcome.after(make("div", { class: "offers" }, ...offered.map((question) => {
      const button = make("button", { type: "button", class: "plain", text: question });
      button.addEventListener("click", () => { if (!running && token) ask(question); });
      return button;
    })));
  }

  /* -- small things ------------------------------------------------------------------------------------------------ */

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  function say(text, wrong = false) {
    status.textContent = text;
    status.classList.toggle("wrong", wrong);
  }

  function make(name, { text, ...attributes } = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    node.append(...children);
    return node;
  }

  async function call(path, options = {}, again = true) {
    const response = await fetch(path, {
      credentials: "omit", cache: "no-store", ...options,
      headers: { Authorization: `Bearer ${token}`, "Accept-Language": words.lang, ...options.headers },
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    if (response.status === 401) {
      if (again && (await anotherToken())) return call(path, options, false);
      throw new Error(words.cut_off);
    }
    const error = new Error(fill(words.failed, { reason: problem.detail || problem.title || response.status }));
    error.status = response.status;
    throw error;
  }

  /* -- the answer -------------------------------------------------------------------------------------------------- */

  /* Draw an answer: paragraphs, **bold**, list lines, [n] as a button where citation n is known, and \[n\] as the page printed it. */
  function draw(place, text, citations) {
    const known = new Map(citations.map((citation) => [String(citation.number), citation]));
    const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim());
    place.replaceChildren(...paragraphs.map((paragraph) => {
      const node = make("p");
      paragraph.split("\n").forEach((line, at) => {
        if (at) node.append(document.createElement("br"));
        inline(node, line.replace(/^\s*[-*]\s+/, "• ").replace(/^#+\s+/, ""), known);
      });
      return node;
    }));
  }

  function inline(node, line, known) {
    for (const part of line.split(/(\*\*[^*]+\*\*|\[\d{1,3}\])/)) {
      const number = /^\[(\d{1,3})\]$/.exec(part);
      if (number && known.has(number[1])) node.append(marker(known.get(number[1])));
      else if (/^\*\*[^*]+\*\*$/.test(part)) node.append(make("strong", { text: bare(part.slice(2, -2)) }));
      else if (part) node.append(bare(part));
    }
  }

  function bare(text) {
    return text.replace(/\\\[(\d+)\\\]/g, "[$1]");
  }

  function marker(citation) {
    const title = citation.title || words.no_title;
    const label = fill(words.open_source, { number: citation.number, title });
    const button = make("button", { type: "button", class: "marker", "aria-label": label, title, text: citation.number });
    button.addEventListener("click", () => openPassage(citation, button));
    return button;
  }

  function about(row) {
    return [row.source, row.date, row.place].filter(Boolean).join(" · ");
  }

  function drawSources(place, citations) {
    const list = make("ol");
    for (const citation of citations) {
      const button = make("button", { type: "button", class: "source" },
        make("b", { text: `${citation.number}` }), make("span", {}, make("strong", { text: citation.title || words.no_title }),
          make("small", { text: about(citation) })));
      button.addEventListener("click", () => openPassage(citation, button));
      list.append(make("li", {}, button));
    }
    place.replaceChildren(make("h3", { text: words.sources }), list);
  }

  function drawUnsupported(place, claims) {
    const weak = claims.filter((claim) => !claim.supported);
    if (weak.length) {
      place.replaceChildren(make("p", { text: words.unsupported }), make("ul", {}, ...weak.map((claim) => make("li", { text: claim.text }))));
    }
  }

  /* In place of the items of a list of cases, a card for each place; where anything else cites too, the text stays. */
  function drawCases(place, answer) {
    const lines = answer.text.split("\n");
    const listed = lines.map((line) => line.startsWith("- "));
    const cited = lines.some((line, at) => !listed[at] && /\[\d{1,3}\]/.test(line));
    const rows = new Map();
    for (const claim of answer.claims.filter((one) => one.supported)) rows.set(claim.place, [...(rows.get(claim.place) ?? []), claim]);
    if (!["cases", "compare"].includes(answer.form) || rows.size < 2 || !listed.includes(true) || cited) return;
    const known = new Map(answer.citations.map((citation) => [String(citation.number), citation]));
    const cards = [...rows].map(([name, claims]) => {
      const parts = [["column_done", claims.filter((one) => one.role !== "result")], ["column_outcome", claims.filter((one) => one.role === "result")]];
      return make("section", { class: "case" }, make("h3", { text: name || words.no_place }), make("dl", {}, ...parts.flatMap(([word, told]) => {
        const said = make("dd");
        for (const claim of told) said.append(claim.text, ...claim.citations.map((n) => known.get(String(n))).filter(Boolean).map(marker));
        return told.length ? [make("dt", { text: words[word] }), said] : [];
      })));
    });
    const [before, after] = [lines.slice(0, listed.indexOf(true)), lines.slice(listed.lastIndexOf(true) + 1)].map((part) => {
      const node = make("div");
      draw(node, part.join("\n"), answer.citations);
      return node;
    });
    place.replaceChildren(...before.childNodes, ...cards, ...after.childNodes);
  }

  /* The answer and its sources as text: to the clipboard, or as a file. */
  function drawSaves(place, answer) {
    const sources = answer.citations.map((one) => `[${one.number}] ${[one.title || words.no_title, about(one)].filter(Boolean).join(" · ")}\n    “${one.quote}”`);
    const whole = `${answer.question}\n\n${bare(answer.text.replaceAll("**", ""))}\n\n${words.sources}\n${sources.join("\n")}\n`;
    const copy = make("button", { type: "button", class: "plain", text: words.copy });
    copy.addEventListener("click", () => {
      const area = make("textarea", { class: "unseen" });
      area.value = whole;
      place.append(area);
      area.select();
      if (document.execCommand("copy")) say(words.copied); /* an intranet page without https has no navigator.clipboard */
      area.remove();
      copy.focus();
    });
    const save = make("button", { type: "button", class: "plain", text: words.save_text });
    save.addEventListener("click", () => {
      const link = make("a", { href: URL.createObjectURL(new Blob([whole], { type: "text/plain;charset=utf-8" })), download: `${answer.question.slice(0, 40)}.txt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    place.replaceChildren(copy, save);
  }

  /* Call `on(event, data)` for each event of a text/event-stream as it comes (HTML Living Standard, 9.2.6). */
  async function readEvents(response, on) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? "\n\n" : value.replaceAll("\r\n", "\n");
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        let name = "message";
        const data = [];
        for (const line of block.split("\n")) {
          if (line.startsWith("event:")) name = line.slice(6).trim();
          else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
        }
        if (data.length) on(name, JSON.parse(data.join("\n")));
      }
      if (done) return;
    }
  }

  async function ask(question) {
    const text = make("div", { class: "text" });
    const weak = make("div", { class: "weak" });
    const sources = make("div", { class: "sources" });
    const saves = make("div", { class: "saves" });
    const entry = make("section", { class: "answer", "aria-label": words.answered }, text, weak, sources, saves);
    for (const part of log.querySelectorAll(".welcome, .offers")) part.remove();
    log.append(make("section", { class: "asked", "aria-label": words.asked }, make("p", { text: question })), entry);
    entry.previousElementSibling.scrollIntoView({ block: "start" });
    log.setAttribute("aria-busy", "true"); /* read it out when it is whole, not at every word */
    busy(true);
    say(words.searching);
    running = new AbortController();
    let answer = null;
    let written = "";
    try {
      const response = await call("/api/v1/ask", {
        method: "POST", signal: running.signal,
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ question, history, stream: true }),
      });
      await readEvents(response, (name, data) => {
        if (name === "text") {
          written = data.text;
          draw(text, written, []);
          say(words.writing);
        } else if (name === "error") {
          throw new Error(fill(words.failed, { reason: data.detail || data.title }));
        } else if (name === "done") {
          answer = data;
        }
      });
      if (!answer) throw new Error(words.offline);
      finish(answer, text, weak, sources);
      if (answer.citations.length) drawSaves(saves, answer);
    } catch (error) {
      const reason = reasonOf(error);
      text.append(make("p", { class: "failed", text: reason }));
      say(error.name === "AbortError" ? words.stopped : reason, error.name !== "AbortError");
    } finally {
      running = null;
      log.removeAttribute("aria-busy");
      busy(false);
    }
  }

  function reasonOf(error) {
    return error.name === "AbortError" ? words.stopped : error instanceof TypeError ? words.offline : error.message;
  }

  function finish(answer, text, weak, sources) {
    draw(text, answer.text, answer.citations);
    drawCases(text, answer);
    if (answer.refused) text.prepend(make("p", { class: "refused", text: words.no_answer }));
    drawUnsupported(weak, answer.claims);
    if (answer.citations.length) drawSources(sources, answer.citations);
    history = [...history, { question: answer.question, answer_gist: answer.text.replace(/\[\d+\]|\*\*/g, "").slice(0, gist) }].slice(-turns);
    by("new").disabled = false;
    say(fill(words.done, { count: answer.citations.length }));
  }

  function busy(yes) {
    by("send").hidden = yes;
    by("stop").hidden = !yes;
    if (!yes && drawer.hidden) box.focus({ preventScroll: true });
  }

  /* -- the newspaper ----------------------------------------------------------------------------------------------- */

  function overlaps(sentence, citation) {
    return sentence.spans.some(([start, end]) => citation.spans.some(([from, to]) => start < to && from < end));
  }

  function sentences(rows, citation) {
    return rows.map((row) => (overlaps(row, citation) ? make("mark", { text: row.text }) : document.createTextNode(row.text)));
  }

  function head(row, level) {
    return [make(level, { id: "drawer-title", text: row.title || words.no_title }), make("p", { class: "about", text: about(row) })];
  }

  async function openPassage(citation, from) {
    if (drawer.hidden) opener = from;
    show([...head(citation, "h2"), make("p", { text: words.loading })]);
    const whole = make("button", { type: "button", class: "plain", text: words.whole });
    whole.addEventListener("click", () => openArticle(citation));
    try {
      const passage = await (await call(`/api/v1/passages/${encodeURIComponent(citation.passage_id)}`)).json();
      show([...head(citation, "h2"), make("p", {}, ...sentences(passage.sentences, citation)), whole]);
    } catch (error) {
      const [kind, text] = error.status === 404 ? ["about", words.gone] : ["failed", reasonOf(error)];
      show([...head(citation, "h2"), make("p", {}, make("mark", { text: citation.quote })), make("p", { class: kind, text })]);
    }
  }

  async function openArticle(citation) {
    try {
      const article = await (await call(`/api/v1/articles/${encodeURIComponent(citation.article_id)}`)).json();
      const parts = head(article, "h2");
      let section = "";
      for (const paragraph of article.paragraphs) {
        if (paragraph.section && paragraph.section !== section) parts.push(make("h3", { text: (section = paragraph.section) }));
        parts.push(make("p", {}, ...sentences(paragraph.sentences, citation)));
      }
      show(parts);
    } catch (error) {
      paper.append(make("p", { class: "failed", text: reasonOf(error) }));
    }
  }

  function show(parts) {
    paper.replaceChildren(...parts);
    drawer.hidden = false;
    paper.scrollTop = 0;
    paper.querySelector("mark")?.scrollIntoView({ block: "center" });
    paper.focus({ preventScroll: true });
  }

  function back() {
    drawer.hidden = true;
    (opener && opener.isConnected ? opener : box).focus();
  }

  /* -- the controls ------------------------------------------------------------------------------------------------ */

  by("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    if (!question || running || !token) return;
    if (question.length > limit) {
      say(fill(words.too_long, { limit }), true);
      return;
    }
    box.value = "";
    grow();
    ask(question);
  });
  box.addEventListener("keydown", (event) => {
    /* 229: Safari ends a composition before it tells of the Enter that chose the word */
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      by("ask").requestSubmit();
    }
  });
  box.addEventListener("input", grow);
  by("stop").addEventListener("click", () => running?.abort());
  by("back").addEventListener("click", back);
  by("close").addEventListener("click", () => tell("linjian:close"));
  by("new").addEventListener("click", () => {
    running?.abort();
    history = [];
    log.replaceChildren(make("p", { class: "welcome", text: words.welcome }));
    by("new").disabled = true;
    showOffered();
    say("");
    box.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!drawer.hidden) back();
    else if (!by("close").hidden) tell("linjian:close");
  });

  function grow() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, 140)}px`;
  }

  /* Relative luminance as WCAG 2 has it: black reads better than white on what is lighter than 0.179. */
  function isLight(colour) {
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179;
  }

  const accent = document.body.dataset.accent;
  document.documentElement.style.setProperty("--accent", `#${accent}`);
  document.documentElement.style.setProperty("--on-accent", isLight(accent) ? "#000" : "#fff");
  if (window.parent === window) say(words.alone, true);
  else setTimeout(() => token === null && !status.classList.contains("wrong") && say(words.waiting, true), PATIENCE);
})();
