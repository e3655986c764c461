/* A new question is put at the top of the view: the conversation scrolls at a desk, the page on a phone. Gradio would keep the
   end of an answer in view, and for whoever has scrolled nothing at all. Where the server names a question, it is that one. */
() => {
  "use strict";

  let seen = "";
  function follow() {
    const asked = document.querySelectorAll("#lj-chat [data-testid=user]");
    const jump = Number(document.querySelector("#lj-shown [data-jump]")?.dataset.jump || 0);
    const now = asked.length ? JSON.stringify([asked.length, asked[asked.length - 1].textContent, jump]) : "";
    if (now === seen) return;
    seen = now;
    const row = asked.length && asked[(jump && jump <= asked.length ? jump : asked.length) - 1].closest(".message-row");
    if (!row) return;
    const view = row.closest(".bubble-wrap");
    view.style.setProperty("--lj-room", `${view.clientHeight - row.offsetHeight - 40}px`); /* a short answer leaves the rest empty */
    row.scrollIntoView({ block: "start" });
  }
  new MutationObserver(follow).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-jump"] });
}
