"""The widget's routes: its script and style, the page inside the frame, and the administrator's set-up page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from assistant.auth.access_denied import AccessDenied, page
from assistant.auth.accounts.origins import Origin, read_origin
from assistant.auth.authorizer import Authorizer
from assistant.auth.request import RequestInfo, is_loopback
from assistant.auth.security_headers import page_policy
from assistant.locales.loader import LANGUAGES, accepted_language, words
from assistant.templates.environment import render

_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_RED = "8f2d20"
_ACCENT = re.compile(r"[0-9a-f]{6}")
_CACHE = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """What the API takes: characters of a question, earlier turns, and characters of the gist of an earlier answer."""

    question: int
    turns: int
    gist: int


def widget_routes(authorizer: Authorizer, bounds: QuestionLimits) -> APIRouter:
    """Return the routes; they belong behind `Guard(app, door)` of the same authorizer. None is in the documented API."""
    router = APIRouter(include_in_schema=False)
    kept = {path.name: path.read_text("utf-8") for path in files("assistant.widget").joinpath("static").iterdir()}
    spoken = {one: dict(words(one).widget_script) for one in LANGUAGES}
    script = kept.pop("embed.js").replace("__WORDS__", json.dumps(spoken, ensure_ascii=False))

    def language(request: Request) -> str:
        wanted = request.query_params.get("lang", "")
        accepted = request.headers.get("accept-language", "")
        return wanted if wanted in LANGUAGES else accepted_language(accepted, authorizer.language)

    @router.get("/embed/embed.js")
    def embed_script() -> Response:
        return Response(script, headers=_CACHE, media_type=_TYPES["js"])

    @router.get("/embed/static/{name}")
    def static(name: str) -> Response:
        if name not in kept:
            return Response(status_code=404)
        return Response(kept[name], headers=_CACHE, media_type=_TYPES[name.rpartition(".")[2]])

    @router.get("/embed/setup")
    def setup(request: Request) -> Response:
        tongue, sites, asked = language(request), authorizer.sites.all(), request.query_params
        names = [site.name for site in sites]
        server = str(RequestInfo.of(request.scope, authorizer.proxies).host)
        chosen = {
            "site": asked.get("site") if asked.get("site") in names else next(iter(names), ""),
            "mode": asked.get("mode") if asked.get("mode") in _SNIPPETS else "floating",
            "lang": tongue, "endpoint": asked.get("endpoint", "/linjian-token")[:200],
        }
        tested = asked.get("origin", "").strip()
        verdict = _verdict(authorizer, chosen["site"], tested, tongue) if tested and names else {}
        html = render(
            "widget/setup.html", text=words(tongue).widget_setup,
            sites=[(site, authorizer.sites.used(site.name)) for site in sites], chosen=chosen, server=server,
            languages=[(one, words(one).shared["language_name"]) for one in LANGUAGES],
            snippet=snippet(server, **chosen), tested=tested, **verdict)
        return HTMLResponse(html, headers={"Content-Security-Policy": page_policy()})

    @router.get("/embed/{name}")
    def panel(name: str, request: Request) -> Response:
        tongue, info = language(request), RequestInfo.of(request.scope, authorizer.proxies)
        site = authorizer.sites.find(name)
        try:
            if site is None:
                raise AccessDenied("no_site", {"site": name[:40]})
            if _is_framed(info) and info.origin:  # the browser would only show a blank frame; here it can say why
                authorizer.site_for_page(name, info.origin, info.origin_text)
        except AccessDenied as denied:
            title, hint = denied.words(tongue)
            headers = {"Content-Security-Policy": page_policy(["*"])}  # words only, and nothing in it to click
            return HTMLResponse(page("refused", tongue, title=title, hint=hint), denied.status, headers)
        wanted = request.query_params
        theme = wanted.get("theme", "")
        accent = wanted.get("accent", "").lower()
        html = render(
            "widget/panel.html", text=dict(words(tongue).widget_panel),
            origins=[str(pattern) for pattern in site.patterns], bounds=bounds,
            theme=theme if theme in ("light", "dark") else "auto", accent=accent if _ACCENT.fullmatch(accent) else _RED)
        return HTMLResponse(html, headers={"Content-Security-Policy": page_policy(map(str, site.patterns))})

    return router


_SCRIPT = '<script src="{server}/embed/embed.js" data-site="{site}" data-token-endpoint="{endpoint}" data-lang="{lang}"'
_SNIPPETS = {
    "floating": f"{_SCRIPT} defer></script>",
    "inline": f'<div id="linjian"></div>\n{_SCRIPT} data-mode="inline" data-target="#linjian" defer></script>',
    "frame": '<iframe id="linjian" src="{server}/embed/{site}?lang={lang}" title="Linjian" width="100%" height="640">'
             '</iframe>\n'
             '<script>\n  const frame = document.getElementById("linjian");\n  async function greet() {{\n'
             '    const {{ token }} = await (await fetch("{endpoint}", {{ method: "POST" }})).json();\n'
             '    frame.contentWindow.postMessage({{ type: "linjian:hello", token }}, "{server}");\n  }}\n'
             '  frame.addEventListener("load", greet);\n  setInterval(greet, 24 * 60 * 1000);\n</script>',
}


def snippet(server: str, *, site: str, mode: str, lang: str, endpoint: str) -> str:
    """Return the lines of HTML that put the widget into a page; what is filled in is escaped."""
    values = {"server": server, "site": site, "lang": lang, "endpoint": endpoint}
    return _SNIPPETS[mode].format(**{name: str(Markup.escape(value)) for name, value in values.items()})


def _is_framed(info: RequestInfo) -> bool:
    """Return whether another page is about to show this one, as far as the browser tells."""
    asked_for = info.headers.get("sec-fetch-dest", "")
    if asked_for:
        return asked_for in ("iframe", "frame", "embed", "object")
    return info.origin is not None and not info.is_own  # it tells only servers that are reached over https


def _verdict(authorizer: Authorizer, name: str, written: str, language: str) -> dict[str, str]:
    """Return what would happen to a page of this origin, in words."""
    origin: Origin | None = read_origin(written.lower().removesuffix("/"))
    try:
        site = authorizer.site_for_page(name, origin, written)
    except AccessDenied as denied:
        return {"refused": "".join(denied.words(language)) if language == "zh" else " ".join(denied.words(language))}
    text = words(language).widget_setup
    insecure = origin is not None and origin.scheme == "http" and not is_loopback(origin.host) and origin.host != "localhost"
    accepted = text["accepted"].format(origin=origin, site=site.name)
    return {"accepted": f"{accepted} {text['insecure']}" if insecure else accepted}
