/* The box to ask in and the keyboard: what was typed outlives a page that is loaded anew, keys do what is listed under "?", and
   Gradio's own words are said in the page's language. */
() => {
  "use strict";

  const box = () => document.querySelector("#lj-box textarea");
  const words = () => document.querySelector("#lj-header h1[lang]")?.dataset ?? {};
  function write(field, text) {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Gradio loads the page anew when the server is back. */
  const DRAFT = "linjian-draft";
  addEventListener("pagehide", () => {
    try { sessionStorage.setItem(DRAFT, box()?.value ?? ""); } catch { return; } /* storage may be forbidden */
  });
  const waking = new MutationObserver(() => {
    const field = document.querySelector("#lj-box textarea:enabled");
    if (!field) return;
    waking.disconnect();
    let draft = "";
    try { draft = sessionStorage.getItem(DRAFT) ?? ""; } catch { return; }
    if (draft && !field.value) write(field, draft);
  });
  waking.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });

  /* Gradio heads a message with its kind, and says in English that the server does not answer. */
  const LOST = "Connection to the server was lost";
  function translate() {
    const { notice, failed, offline } = words();
    if (!notice) return;
    for (const toast of document.querySelectorAll("[data-testid=toast-body]")) {
      for (const [part, said, ours] of [[".toast-title", "Warning", notice], [".toast-title", "Error", failed], ["[data-testid=toast-text]", LOST, offline]]) {
        for (const piece of toast.querySelectorAll(part)) {
          const text = [...piece.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.startsWith(said));
          if (text) text.data = `${ours} `;
        }
      }
    }
  }
  new MutationObserver(translate).observe(document.body, { subtree: true, childList: true, characterData: true });

  /* Wait for a part that is about to be shown. */
  function when(selector, act) {
    let left = 100;
    const look = () => {
      const found = document.querySelector(selector);
      if (found && found.offsetParent) act(found);
      else if (left--) setTimeout(look, 50);
    };
    look();
  }

  function searchHistory() {
    if (!document.querySelector("#lj-history")?.offsetParent) document.getElementById("lj-history-toggle")?.click();
    when("#lj-history-search :is(input, textarea)", (field) => { field.focus(); field.select(); });
  }

  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : document.body;
    const typing = at.matches("input, textarea, select, [contenteditable]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      searchHistory();
    } else if (event.key === "Escape" && at.closest("#lj-history")) {
      document.getElementById("lj-history-close")?.click();
      box()?.focus();
    } else if (event.key === "ArrowUp" && at === box() && !at.value && !event.isComposing) {
      const asked = [...document.querySelectorAll("#lj-chat [data-testid=user] .message-content")].pop();
      if (!asked) return;
      event.preventDefault();
      write(at, asked.innerText.trim());
    } else if ((event.key === "?" || event.key === "\uff1f") && !typing) {
      document.getElementById("lj-keys")?.showModal();
    }
  });
  document.addEventListener("click", (event) => {
    const origin = event.target instanceof Element ? event.target : null;
    if (origin && origin.closest("[data-keys]")) document.getElementById("lj-keys")?.showModal();
    else if (origin && (origin.matches("#lj-keys") || origin.closest("#lj-keys button"))) document.getElementById("lj-keys").close();
  });
}
