/* What conversations need of the page: deeds and wishes are sent, titles are changed in place, forms are opened. */
() => {
  "use strict";

  /* Write into a hidden box that the server listens to. */
  function put(name, said) {
    const box = document.querySelector(`#${name} textarea, #${name} input`);
    if (!box) return;
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set;
    set.call(box, JSON.stringify({ ...said, at: Date.now() }));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("lj-wish", (event) => put("lj-wish", { ...event.detail, narrow: innerWidth < 900 }));
  const wish = (detail) => document.dispatchEvent(new CustomEvent("lj-wish", { detail }));
  const keyOf = (element) => Number(element.closest("[data-answer]").dataset.answer);

  /* Let a title be written anew where it stands; Enter keeps it, Escape and leaving it do not. */
  function rename(entry, label) {
    const name = entry.querySelector(".lj-name");
    const field = document.createElement("input");
    Object.assign(field, { value: name.textContent, maxLength: 80, className: "lj-title", ariaLabel: label });
    const open = entry.querySelector(".lj-open");
    open.hidden = true;
    open.after(field);
    field.select();
    let ended = false; /* removing it takes its focus, which ends it */
    const end = () => {
      if (ended) return;
      ended = true;
      field.remove();
      open.hidden = false;
    };
    field.addEventListener("blur", end);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); end(); }
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
      wish({ wish: "rename", conversation: entry.dataset.conversation, title: field.value });
      end();
    });
  }

  /* The first press asks whether one is sure, the second one deletes. */
  function remove(entry, button) {
    if (button.dataset.asked) return wish({ wish: "delete", conversation: entry.dataset.conversation });
    const label = button.textContent;
    button.dataset.asked = "1";
    button.textContent = button.dataset.sure;
    button.addEventListener("blur", () => { delete button.dataset.asked; button.textContent = label; }, { once: true });
  }

  document.addEventListener("click", (event) => {
    const origin = event.target instanceof Element ? event.target : null;
    const wished = origin && origin.closest("button[data-wish]");
    if (wished) {
      const entry = wished.closest("[data-conversation]");
      if (wished.dataset.wish === "rename") rename(entry, wished.dataset.label);
      else if (wished.dataset.wish === "delete") remove(entry, wished);
      else wish({ wish: "open", conversation: entry.dataset.conversation, turn: Number(wished.dataset.turn) });
      return;
    }
    const button = origin && origin.closest("button[data-deed]");
    if (!button) return;
    const deed = button.dataset.deed;
    if (deed === "save") return put("lj-deed", { deed, as: button.dataset.as, key: keyOf(button) });
    const back = button.getAttribute("aria-pressed") === "true";
    const form = button.closest(".lj-answer-actions").querySelector("form.lj-feedback");
    if (deed === "down" && !back) { /* told when it is complete, with its reasons */
      form.hidden = !form.hidden;
      if (!form.hidden) form.querySelector("input").focus();
      return;
    }
    put("lj-deed", { deed, key: keyOf(button), back });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof Element && event.target.closest("form.lj-feedback");
    if (!form) return;
    event.preventDefault();
    const reasons = [...form.querySelectorAll("input:checked")].map((box) => box.value);
    put("lj-deed", { deed: form.dataset.deed, key: keyOf(form), reasons, comment: form.elements.comment.value });
  });
}
