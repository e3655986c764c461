/* What conversations need of the page: this tab's conversation is remembered, deeds are sent, forms are opened. */
() => {
  "use strict";

  /* The tab comes back to its conversation when it is loaded anew. */
  function remember() {
    const shown = document.querySelector("#lj-shown [data-conversation]");
    if (!shown) return;
    try { sessionStorage.setItem("linjian-conversation", shown.dataset.conversation); } catch { return; } /* storage may be forbidden */
  }
  new MutationObserver(remember).observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-conversation"],
  });

  /* Send a deed through the hidden box that the server listens to. */
  function send(deed) {
    const box = document.querySelector("#lj-deed textarea, #lj-deed input");
    if (!box) return;
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set;
    set.call(box, JSON.stringify({ ...deed, at: Date.now() }));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const keyOf = (element) => Number(element.closest("[data-answer]").dataset.answer);

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-deed]");
    if (!button) return;
    const deed = button.dataset.deed;
    if (deed === "save") return send({ deed, as: button.dataset.as, key: keyOf(button) });
    const back = button.getAttribute("aria-pressed") === "true";
    send({ deed, key: keyOf(button), back });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof Element && event.target.closest("form.lj-feedback");
    if (!form) return;
    event.preventDefault();
    const reasons = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    send({ deed: form.dataset.deed, key: keyOf(form), reasons, comment: form.elements.comment.value });
  });
}
