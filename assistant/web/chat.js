/* The page's own behaviour: markers lead to their sentence, cards open their article. One listener, no libraries.
   Gradio runs this function once, when the page has loaded; the elements it serves come and go with each answer. */
() => {
  "use strict";

  const panel = () => document.getElementById("lj-evidence");

  const heading = document.querySelector("#lj-top h1[lang]");
  if (heading) document.documentElement.lang = heading.lang; /* Gradio writes "en"; Chinese glyphs depend on it */

  /* Show the evidence of one answer, hide that of the others. */
  function showAnswer(key) {
    for (const section of panel().querySelectorAll("section[data-answer]")) {
      section.hidden = section.dataset.answer !== key;
    }
    return panel().querySelector("section:not([hidden])");
  }

  /* Light the marks of one citation inside `root`, put out all others. */
  function light(root, name) {
    for (const mark of root.querySelectorAll("mark[data-cite]")) {
      mark.classList.toggle("lj-hit", mark.dataset.cite.split(" ").includes(name));
    }
  }

  /* Follow the marker #cite-KEY-n: its answer's evidence, its card, its sentence. */
  function followMarker(id) {
    const target = document.getElementById(id);
    if (!target) return;
    const name = id.slice("cite-".length);
    showAnswer(name.split("-")[0]);
    light(panel(), name);
    const card = target.closest(".lj-card");
    for (const other of panel().querySelectorAll(".lj-card")) other.classList.toggle("lj-current", other === card);
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
    const paragraph = [...dialog.querySelectorAll("p[data-from]")].find(
      (p) => Number(p.dataset.from) <= Number(offset) && Number(offset) < Number(p.dataset.to)
    );
    for (const p of dialog.querySelectorAll(".lj-here")) p.classList.remove("lj-here");
    const target = (at && dialog.querySelector("mark.lj-hit")) || paragraph;
    if (paragraph) paragraph.classList.add("lj-here");
    if (target) target.scrollIntoView({ block: "center" });
  }

  /* Go back to the marker in the conversation that names this sentence. */
  function backToAnswer(id) {
    const marker = document.querySelector(`#lj-chat a[href="#${CSS.escape(id)}"]`);
    if (!marker) return;
    marker.scrollIntoView({ block: "center" });
    marker.focus({ preventScroll: true });
  }

  /* Copy without navigator.clipboard, which an intranet page without https does not have. */
  function copy(button) {
    const area = document.createElement("textarea");
    area.value = button.parentElement.querySelector(".lj-plain").textContent;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
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
    const marker = origin.closest('a[href^="#cite-"]');
    if (marker) {
      event.preventDefault();
      return followMarker(marker.getAttribute("href").slice(1));
    }
    const button = origin.closest("#lj-evidence button");
    if (!button) return;
    if (button.dataset.opens) openArticle(button);
    else if (button.dataset.show) showAnswer(button.dataset.show).querySelector(".lj-switch button").focus();
    else if (button.dataset.back) backToAnswer(button.dataset.back);
    else if ("copy" in button.dataset) copy(button);
    else if ("close" in button.dataset) button.closest("dialog").close();
  });
}
