/* Linjian's widget for the pages of others: a floating button or a panel in the page, around a frame of our server.

   <script src="https://linjian.example.org/embed/embed.js" data-site="portal" data-token-endpoint="/linjian-token" defer></script>

   data-mode="floating" (or "inline"), data-target="#place" (inline), data-height="640px" (inline), data-lang="zh" or
   "en", data-theme="auto", "light" or "dark", data-accent="#8f2d20".

   The page's own backend keeps the secret and answers at data-token-endpoint with {token, expires_in, session}. The
   token goes into the frame by postMessage, to our server's origin alone, and never into an address. */
(() => {
  "use strict";

  const WORDS = __WORDS__;
  const script = document.currentScript;
  const options = script.dataset;
  const server = new URL("..", script.src);
  const language = options.lang in WORDS ? options.lang : document.documentElement.lang.startsWith("en") ? "en" : "zh";
  const words = WORDS[language];
  const inline = options.mode === "inline";
  const REFRESH = 0.8; /* of a token's life */
  const PAUSE = 3000; /* milliseconds between two tokens, so that a refused one does not turn into a flood */

  const style = new CSSStyleSheet(); /* not a <style>: the page's own policy may forbid inline styles */
  style.replaceSync(`
    :host { all: initial; display: block; font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    :host([hidden]) { display: none; }
    iframe { border: 0; width: 100%; height: 100%; display: block; background: transparent; color-scheme: normal; }
    .place { width: 100%; height: var(--height, 640px); border: 1px solid #938a7b; border-radius: 12px; overflow: hidden; box-sizing: border-box; }
    .button { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; display: flex; align-items: center; gap: 8px; min-height: 48px;
      padding: 0 20px; border: 2px solid #fff; border-radius: 24px; background: var(--accent); color: var(--on-accent); font: inherit;
      font-weight: 600; cursor: pointer; box-shadow: 0 4px 16px rgb(0 0 0 / .28); }
    .button:hover { filter: brightness(1.1); }
    .button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    .dialog { position: fixed; right: 24px; bottom: 88px; z-index: 2147483001; width: min(420px, calc(100vw - 48px));
      height: min(680px, calc(100vh - 112px)); border: 1px solid #938a7b; border-radius: 14px; overflow: hidden; background: #faf8f3;
      box-shadow: 0 12px 40px rgb(0 0 0 / .3); }
    .dialog[hidden] { display: none; }
    .dark { background: #171614; }
    .notice { max-width: 420px; padding: 12px 16px; border: 2px solid #8f2d20; border-radius: 10px; background: #fff; color: #3a120c;
      box-sizing: border-box; overflow-wrap: anywhere; }
    .floats { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; }
    @media (max-width: 520px) {
      .dialog { inset: 0; width: 100vw; height: 100vh; height: 100dvh; border: 0; border-radius: 0; }
      .button { right: 16px; bottom: 16px; }
      .floats { right: 16px; left: 16px; bottom: 16px; max-width: none; }
    }
    @media (forced-colors: active) { .button { border: 2px solid ButtonText; } }`);

  const host = document.createElement("linjian-widget");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  const accent = /^#[0-9a-f]{6}$/i.test(options.accent || "") ? options.accent : "#8f2d20";
  host.style.setProperty("--accent", accent);
  host.style.setProperty("--on-accent", isLight(accent) ? "#000" : "#fff");
  if (options.height && CSS.supports("height", options.height)) host.style.setProperty("--height", options.height);

  let frame = null;
  let loaded = false;
  let token = null;
  let session;
  let last = 0;
  let timer;
  let fetching = null;
  let close = () => {};

  /* Relative luminance as WCAG 2 has it: black reads better than white on what is lighter than 0.179. */
  function isLight(colour) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179;
  }

  function make(name, attributes) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  }

  /* Say in the page, and in the console, why there is no widget. */
  function complain(text) {
    console.error(`Linjian: ${text}`);
    const notice = make("p", { class: inline ? "notice" : "notice floats", role: "alert", lang: language });
    notice.textContent = `Linjian 邻鉴: ${text}`;
    root.replaceChildren(notice);
    attach();
  }

  function attach() {
    if (host.isConnected) return;
    if (!inline) {
      document.body.append(host);
      return;
    }
    const target = options.target ? document.querySelector(options.target) : null;
    if (target) target.append(host);
    else script.after(host);
  }

  function send(message) {
    if (frame && loaded) frame.contentWindow.postMessage(message, server.origin);
  }

  function greet() {
    if (token) send({ type: "linjian:hello", token, floating: !inline });
  }

  /* Get a token from the page's own backend, and the next one before this one ends. */
  function renew() {
    fetching = fetching || exchange().finally(() => (fetching = null));
    return fetching;
  }

  async function exchange() {
    clearTimeout(timer);
    const wait = last + PAUSE - Date.now();
    if (wait > 0) await new Promise((resume) => setTimeout(resume, wait));
    last = Date.now();
    try {
      const response = await fetch(new URL(options.tokenEndpoint, location.href), {
        method: "POST", credentials: "same-origin", cache: "no-store",
        headers: { "Content-Type": "application/json" }, body: JSON.stringify(session ? { session } : {}),
      });
      const given = response.ok ? await response.json() : {};
      if (typeof given.token !== "string") {
        send({ type: "linjian:no-token", status: response.status });
        return;
      }
      ({ token, session } = given);
      timer = setTimeout(renew, Math.max(5, Number(given.expires_in) * REFRESH || 60) * 1000);
      greet();
    } catch {
      send({ type: "linjian:no-token", status: 0 });
    }
  }

  function listen(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== server.origin) return;
    const type = event.data && event.data.type;
    if (type === "linjian:token-wanted") renew();
    if (type === "linjian:close") close();
  }

  function build(path) {
    const address = new URL(path.replace(/^\//, ""), server);
    address.search = new URLSearchParams({ lang: language, theme: options.theme || "auto", accent: accent.slice(1) });
    frame = make("iframe", { title: words.frame, referrerpolicy: "strict-origin-when-cross-origin", allow: "clipboard-write" });
    frame.addEventListener("load", () => {
      loaded = true;
      token ? greet() : renew();
    });
    frame.src = address;
    return frame;
  }

  function showInline(path) {
    const place = make("div", { class: "place" });
    place.append(build(path));
    root.replaceChildren(place);
  }

  function showFloating(path) {
    const button = make("button", { class: "button", type: "button", "aria-expanded": "false", "aria-controls": "dialog", lang: language });
    button.textContent = words.open;
    const dark = options.theme === "dark" || (options.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const dialog = make("div", { class: dark ? "dialog dark" : "dialog", id: "dialog", role: "dialog", "aria-label": words.frame, hidden: "" });
    close = () => {
      dialog.hidden = true;
      button.setAttribute("aria-expanded", "false");
      button.focus();
    };
    const open = () => {
      if (!frame) dialog.append(build(path));
      dialog.hidden = false;
      button.setAttribute("aria-expanded", "true"); /* the one "close" is in the frame */
      frame.focus();
      send({ type: "linjian:opened" });
    };
    button.addEventListener("click", () => (dialog.hidden ? open() : close()));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !dialog.hidden) close();
    });
    root.replaceChildren(button, dialog);
  }

  async function start() {
    if (!options.site) return complain(words.no_site);
    if (!options.tokenEndpoint) return complain(words.no_endpoint);
    if (new URL(options.tokenEndpoint, location.href).origin !== location.origin) return complain(words.foreign_endpoint);
    if (inline && options.target && !document.querySelector(options.target)) return complain(words.no_target.replace("{target}", options.target));
    let response, said;
    try {
      response = await fetch(new URL(`api/v1/embed/${encodeURIComponent(options.site)}/config`, server), {
        credentials: "omit", cache: "no-store", headers: { "Accept-Language": language },
      });
      said = await response.json();
    } catch {
      return complain(words.unreachable.replace("{server}", server.origin));
    }
    if (!response.ok) return complain(said.detail || String(response.status));
    window.addEventListener("message", listen);
    inline ? showInline(said.frame) : showFloating(said.frame);
    attach();
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
