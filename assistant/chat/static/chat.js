/* The page's own behaviour: markers lead to their sentence, cards open their article. One listener, no libraries.
   Gradio runs this function once, when the page has loaded; the elements it serves come and go with each answer. */
() => {
  "use strict";

  const panel = () => document.getElementById("lj-evidence");
  const MARKER = 'a[href^="#cite-"]';

  /* Light or dark as it was chosen here before; Gradio knows only the system's choice. */
  function kept() {
    try { return localStorage.getItem("linjian-light"); } catch { return null; } /* storage may be forbidden */
  }
  if (kept() && !new URLSearchParams(location.search).has("__theme")) document.body.classList.toggle("dark", kept() === "dark");
  function switchLight() {
    const light = document.body.classList.toggle("dark") ? "dark" : "light";
    try { localStorage.setItem("linjian-light", light); } catch { return; } /* then only until the page is left */
  }

  /* What Gradio's sanitizer removes, or says wrongly: roles and states of what has just been drawn. */
  function dress() {
    const heading = document.querySelector("#lj-header h1[lang]");
    if (heading) document.documentElement.lang = heading.lang; /* Gradio writes "en"; Chinese glyphs depend on it */
    for (const link of heading ? document.querySelectorAll("#lj-links a[lang]") : []) link.hidden = link.lang !== heading.lang;
    for (const bubble of document.querySelectorAll("#lj-chat [data-testid][aria-label]")) bubble.removeAttribute("aria-label");
    for (const cases of document.querySelectorAll("#lj-chat .lj-cases:not(.lj-compare)")) {
      const { tabled, newest } = views;
      if (cases.classList.contains("lj-tabled") !== tabled) cases.classList.toggle("lj-tabled", tabled);
      if (cases.classList.contains("lj-by-date") !== newest) arrange(cases, newest);
      for (const [name, on] of [[".lj-view-cards", !tabled], [".lj-view-table", tabled], [".lj-newest", newest]]) {
        const button = cases.querySelector(name);
        if (button && button.getAttribute("aria-pressed") !== String(on)) button.setAttribute("aria-pressed", on);
      }
    }
    const said = heading?.dataset.source;
    for (const marker of said ? document.querySelectorAll(`#lj-chat ${MARKER}:not([aria-label])`) : []) {
      marker.setAttribute("aria-label", said.replace("{number}", marker.textContent.replace(/\D/g, "")));
    }
  }

  /* How lists of cases are looked at: as it was chosen last, for each answer of this tab. */
  const views = { tabled: false, newest: false };
  function arrange(cases, newest) {
    cases.classList.toggle("lj-by-date", newest);
    const day = (piece) => piece.textContent.match(/\d{4}-\d\d-\d\d/g)?.sort().pop() ?? "";
    for (const [list, part] of [[".lj-as-cards", "dd:last-child"], ["tbody", "td:last-child"]]) {
      const holder = cases.querySelector(list);
      const pieces = [...(holder?.children ?? [])];
      pieces.forEach((piece, at) => { piece.lj ??= at; });
      const printed = new Map(pieces.map((piece) => [piece, day(piece.querySelector(part) ?? piece)]));
      pieces.sort((a, b) => (newest ? printed.get(b).localeCompare(printed.get(a)) : 0) || a.lj - b.lj);
      holder?.append(...pieces);
    }
  }
  /* The box to ask in takes questions once the page's history has come; from then on it has the focus, as autofocus would. */
  const awaited = new MutationObserver(() => {
    const box = document.querySelector("#lj-box textarea:enabled");
    if (!box) return;
    awaited.disconnect();
    if (document.activeElement === document.body) box.focus();
  });
  awaited.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });

  /* Sort a table by the column of a button: up, and down when it is pressed again. */
  function sort(button) {
    const head = button.closest("th");
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const text = (row) => row.cells[head.cellIndex].textContent;
    const rows = [...body.rows].sort((a, b) => text(a).localeCompare(text(b), "zh-CN", { numeric: true }));
    body.append(...(down ? rows.reverse() : rows));
  }

  /* Show the sentence of a marker beside it. */
  function showTip(marker) {
    hideTip();
    const target = document.getElementById(marker.getAttribute("href").slice(1));
    if (!target) return;
    const mark = target.closest("mark") || target;
    const name = marker.getAttribute("href").slice("#cite-".length);
    const pieces = [...target.closest(".lj-card").querySelectorAll("mark[data-cite]")];
    const tip = document.createElement("div");
    tip.id = "lj-tip";
    tip.role = "tooltip";
    const said = pieces.filter((piece) => piece.dataset.cite.split(" ").includes(name)).map((piece) => {
      const copy = piece.cloneNode(true);
      for (const number of copy.querySelectorAll("sup")) number.remove();
      return copy.textContent;
    });
    tip.append(said.join("") || mark.textContent);
    const source = document.createElement("small");
    source.textContent = ["h4", ".lj-source"].map((part) => target.closest(".lj-card").querySelector(part).textContent).join(" \u00b7 ");
    tip.append(source);
    document.body.append(tip);
    marker.setAttribute("aria-describedby", "lj-tip");
    const at = marker.getBoundingClientRect();
    const above = at.top > tip.offsetHeight + 8;
    tip.style.top = `${above ? at.top - tip.offsetHeight - 6 : at.bottom + 6}px`;
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
  }
  function hideTip() {
    document.getElementById("lj-tip")?.remove();
    document.querySelector(`${MARKER}[aria-describedby="lj-tip"]`)?.removeAttribute("aria-describedby");
  }
  for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(begin, (event) => {
      const marker = event.target instanceof Element && event.target.closest(MARKER);
      if (marker) showTip(marker);
    });
    document.addEventListener(end, (event) => {
      if (event.target instanceof Element && event.target.closest(MARKER)) hideTip();
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });

  /* Show the evidence of one answer, hide that of the others. */
  function showAnswer(key) {
    for (const section of panel().querySelectorAll("section[data-answer]")) {
      section.hidden = section.dataset.answer !== key;
    }
    document.dispatchEvent(new CustomEvent("lj-answer", { detail: key }));
    return panel().querySelector("section:not([hidden])");
  }

  /* Light the marks of one citation inside `root`, put out all others. */
  function light(root, name) {
    for (const mark of root.querySelectorAll("mark[data-cite]")) {
      mark.classList.toggle("lj-hit", mark.dataset.cite.split(" ").includes(name));
    }
  }

  /* Light the sentence of the marker #cite-KEY-n and its card; return the card. */
  function lightCited(target) {
    light(panel(), target.id.slice("cite-".length));
    const card = target.closest(".lj-card");
    for (const other of panel().querySelectorAll(".lj-card")) other.classList.toggle("lj-current", other === card);
    return card;
  }

  /* Gradio draws the evidence again when anything beside it changes: what was followed last is lit again, and nothing moves. */
  let followed = { id: "", text: "" };
  function relight() {
    const target = document.getElementById(followed.id);
    if (!target || target.textContent !== followed.text || target.closest("section").hidden) return;
    if (!target.closest(".lj-card").classList.contains("lj-current")) lightCited(target);
  }
  dress();
  new MutationObserver(() => { dress(); relight(); }).observe(document.body, {
    childList: true, subtree: true, attributeFilter: ["lang"], /* Gradio may change the heading in place */
  });

  /* Follow a marker: its answer's evidence, its card, its sentence. */
  function followMarker(id) {
    const target = document.getElementById(id);
    if (!target) return;
    followed = { id, text: target.textContent };
    showAnswer(id.split("-")[1]);
    const card = lightCited(target);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    (target.closest("mark") || target).scrollIntoView({ block: "center" });
  }

  /* Open a whole article at the cited sentence, or at the paragraph that holds the offset. */
  function openArticle(button) {
    const dialog = document.getElementById(button.dataset.opens);
    if (!dialog) return;
    const { key, at, offset } = button.dataset;
    for (const mark of dialog.querySelectorAll("mark[data-cite]")) {
      const here = mark.dataset.cite.split(" ").some((name) => name.split("-")[0] === key);
      mark.classList.toggle("lj-off", !here);
      for (const number of mark.querySelectorAll("sup")) number.hidden = number.dataset.of !== key;
    }
    light(dialog, at);
    dialog.showModal();
    document.dispatchEvent(new CustomEvent("lj-article", { detail: button.dataset.opens.slice("article-".length) }));
    const paragraph = [...dialog.querySelectorAll("p[data-from]")].find(
      (p) => Number(p.dataset.from) <= Number(offset) && Number(offset) < Number(p.dataset.to)
    );
    for (const p of dialog.querySelectorAll(".lj-here")) p.classList.remove("lj-here");
    const target = (at && dialog.querySelector("mark.lj-hit")) || paragraph;
    if (paragraph) paragraph.classList.add("lj-here");
    if (target) target.scrollIntoView({ block: "center" });
  }

  document.addEventListener("lj-open-article", (event) => {
    openArticle({ dataset: { opens: `article-${event.detail}`, key: "", at: "", offset: "-1" } });
  });

  /* Go back to the marker in the conversation that names this sentence. */
  function backToAnswer(id) {
    const marker = document.querySelector(`#lj-chat a[href="#${CSS.escape(id)}"]`);
    if (!marker) return;
    marker.scrollIntoView({ block: "center" });
    marker.focus({ preventScroll: true });
  }

  /* Copy without navigator.clipboard, which an intranet page without https does not have. */
  function copy(button, text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    (button.closest("dialog") ?? document.body).append(area); /* beside an open dialog nothing has the focus */
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    if (!done) return;
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  document.addEventListener("click", (event) => {
    const origin = event.target instanceof Element ? event.target : null;
    if (!origin) return;
    if (origin.matches("dialog.lj-article")) return origin.close(); /* the backdrop */
    const marker = origin.closest(MARKER);
    if (marker) {
      event.preventDefault();
      hideTip();
      return followMarker(marker.getAttribute("href").slice(1));
    }
    const button = origin.closest("#lj-evidence button, .lj-cases button, #lj-light button");
    if (!button) return;
    if (button.matches("#lj-light button")) switchLight();
    else if (button.matches(".lj-sort")) sort(button);
    else if (button.matches(".lj-views button")) {
      if (button.matches(".lj-newest")) views.newest = !views.newest;
      else views.tabled = button.matches(".lj-view-table");
      dress();
    } else if (button.dataset.opens) openArticle(button);
    else if (button.dataset.show) showAnswer(button.dataset.show).querySelector(".lj-switch button").focus();
    else if (button.dataset.back) backToAnswer(button.dataset.back);
    else if ("copy" in button.dataset) copy(button, button.parentElement.querySelector(".lj-plain").textContent);
    else if (button.dataset.link) copy(button, window.linjianLink(button));
    else if ("close" in button.dataset) button.closest("dialog").close();
  });
}
