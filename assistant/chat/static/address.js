/* The address names what is shown: #conversation=…&answer=2&article=…. It is never sent along with a request; when the page is
   loaded the server is told of it, and shows of it what this visitor may see. "Back" closes an article, and leads from one
   conversation to the one before. */
() => {
  "use strict";

  const named = () => new URLSearchParams(location.hash.slice(1));
  const shown = () => document.querySelector("#lj-shown [data-conversation]")?.dataset.conversation ?? null;
  function addressOf(changes, from = named()) {
    for (const [name, value] of Object.entries(changes)) value ? from.set(name, value) : from.delete(name);
    const rest = from.toString();
    return rest ? `#${rest}` : location.pathname + location.search;
  }

  /* Remember the conversation of this tab, here and in the address. */
  let last = null;
  let asked = 0;
  function remember() {
    const count = document.querySelectorAll("#lj-chat [data-testid=user]").length;
    if (asked && count > asked && named().get("answer")) history.replaceState(history.state, "", addressOf({ answer: "" }));
    asked = count;
    const conversation = shown();
    if (conversation === null || conversation === last) return;
    const first = last === null;
    const step = Boolean(last); /* from one conversation to another, or to a new one */
    last = conversation;
    try { sessionStorage.setItem("linjian-conversation", conversation); } catch { /* storage may be forbidden */ }
    if ((named().get("conversation") || "") === conversation) return;
    const address = addressOf({ conversation, answer: "", article: first ? named().get("article") : "" });
    history[step ? "pushState" : "replaceState"](null, "", address);
  }

  /* Open the article that the address names, once the server has brought it. */
  let awaited = named().get("article");
  function openAwaited() {
    if (!awaited || !document.getElementById(`article-${awaited}`)) return;
    document.dispatchEvent(new CustomEvent("lj-open-article", { detail: awaited }));
    awaited = null;
  }
  new MutationObserver(() => { remember(); openAwaited(); }).observe(document.body, {
    childList: true, subtree: true, attributeFilter: ["data-conversation"],
  });

  document.addEventListener("lj-answer", (event) => {
    if (named().get("conversation")) history.replaceState(history.state, "", addressOf({ answer: event.detail }));
  });
  document.addEventListener("lj-article", (event) => {
    if (named().get("article") !== event.detail) history.pushState({ article: true }, "", addressOf({ article: event.detail }));
  });
  document.addEventListener("close", (event) => { /* of a dialog; it does not bubble */
    if (!(event.target instanceof Element) || !event.target.matches("dialog.lj-article") || !named().get("article")) return;
    if (history.state?.article) history.back();
    else history.replaceState(null, "", addressOf({ article: "" }));
  }, true);
  addEventListener("popstate", () => {
    const article = named().get("article");
    for (const dialog of document.querySelectorAll("dialog.lj-article[open]")) {
      if (dialog.id !== `article-${article}`) dialog.close();
    }
    const conversation = named().get("conversation") || "";
    if (conversation !== (shown() || "")) {
      last = conversation;
      document.dispatchEvent(new CustomEvent("lj-wish", { detail: { wish: "open", conversation, turn: Number(named().get("answer")) || 0 } }));
    }
    if (!article || document.querySelector("dialog.lj-article[open]")) return;
    awaited = article;
    openAwaited();
    if (awaited && conversation === (shown() || "")) location.reload(); /* the server is told of it */
  });

  /* The whole address of an answer of this conversation, or of an article alone. */
  window.linjianLink = (button) => {
    const wanted = new URLSearchParams(button.dataset.link);
    const from = new URLSearchParams(wanted.has("answer") ? { conversation: shown() || "" } : {});
    return new URL(addressOf(Object.fromEntries(wanted), from), location.href).href;
  };
}
