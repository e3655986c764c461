"""The guard's own routes: signing in and out, and the exchange of a site's secret for a token."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Body, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.auth.access_denied import AccessDenied, page
from assistant.auth.accounts.credentials import SESSION_NAME, TOKEN_SECONDS, new_secret
from assistant.auth.accounts.identity import GUEST, Caller, caller_of
from assistant.auth.accounts.users import LONGEST_PASSWORD, SESSION_SECONDS
from assistant.auth.authorizer import Authorizer
from assistant.auth.request import COOKIE, RequestInfo
from assistant.auth.security_headers import page_policy
from assistant.auth.sign_ins import SignIns
from assistant.locales.loader import accepted_language, words


class TokenRequest(BaseModel):
    """What a site's backend may say when it asks for a token."""

    model_config = ConfigDict(extra="forbid")

    session: str | None = Field(None, pattern=f"^{SESSION_NAME.pattern}$",
                                description="of a token before, to go on with its visitor's session")


class Token(BaseModel):
    """A token, for the header `Authorization: Bearer`."""

    token: str
    expires_in: int = Field(description="seconds", examples=[TOKEN_SECONDS])
    session: str
    site: str


class SiteConfig(BaseModel):
    """What the widget's script needs to know; nothing of it is secret."""

    site: str
    frame: str = Field(description="path of the page to put into a frame", examples=["/embed/portal"])


def auth_routes(authorizer: Authorizer) -> APIRouter:
    """Return the routes; they belong behind `Guard(app, door)` of the same authorizer."""
    router = APIRouter(include_in_schema=False)  # docs/embed.md tells of them
    sign_ins = SignIns(authorizer.users, authorizer.limits)

    def language(request: Request) -> str:
        return accepted_language(request.headers.get("accept-language", ""), authorizer.language)

    def shown(name: str, request: Request, status: int = 200, **values: object) -> HTMLResponse:
        headers = {"Content-Security-Policy": page_policy(), "Cache-Control": "no-store"}
        return HTMLResponse(page(name, language(request), **values), status, headers)

    @router.post("/api/v1/embed/{site}/exchange", response_model=Token)
    def exchange(site: str, request: Request, body: Annotated[TokenRequest | None, Body()] = None,
                 authorization: Annotated[str, Header(description="Embed, a space, the secret")] = "") -> Response | Token:
        """Exchange a site's secret for a token; for the site's backend, never for a browser."""
        info = RequestInfo.of(request.scope, authorizer.proxies)
        try:
            return _exchange(authorizer, site, info, authorization, (body and body.session) or new_secret()[:22])
        except AccessDenied as denied:
            return denied.response(request.url.path, language(request))

    @router.get("/api/v1/embed/{site}/config", response_model=SiteConfig)
    def config(site: str, request: Request, response: Response) -> Response | SiteConfig:
        """Return what the widget's script needs, if pages of the asking origin may embed."""
        info = RequestInfo.of(request.scope, authorizer.proxies)
        try:
            authorizer.site_for_page(site, info.origin, info.origin_text)
        except AccessDenied as denied:  # any page may read why it is refused: it is told nothing that it did not say itself
            return denied.response(request.url.path, language(request), {"Access-Control-Allow-Origin": "*"})
        response.headers.update({"Access-Control-Allow-Origin": str(info.origin), "Vary": "Origin"})
        return SiteConfig(site=site, frame=f"/embed/{site}")

    @router.get("/sign-in")
    def sign_in_page(request: Request) -> Response:
        target = local_path(request.query_params.get("next", ""))
        if authorizer.access != "accounts":
            return shown("account", request, caller=None, message=words(language(request)).auth["no_accounts"])
        return shown("sign_in", request, target=target, wrong="", user="")

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        given = {name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        target, user = local_path(given.get("next", "")), given.get("user", "")[:64]
        info, text = RequestInfo.of(request.scope, authorizer.proxies), words(language(request)).auth
        secret = None
        try:
            if authorizer.access == "accounts":
                secret = await sign_ins.secret_of(user, given.get("password", "")[:LONGEST_PASSWORD + 1], info.address)
        except AccessDenied as denied:
            wrong = " ".join(denied.words(language(request)))
            refusal = shown("sign_in", request, denied.status, target=target, user=user, wrong=wrong)
            refusal.headers.update(denied.headers())
            return refusal
        if secret is None:
            return shown("sign_in", request, 401, target=target, user=user, wrong=text["wrong"])
        response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        response.set_cookie(COOKIE, secret, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict",
                            secure=info.scheme == "https")
        return response

    @router.get("/sign-out")
    def account(request: Request) -> Response:
        caller = caller_of(request.scope)
        return shown("account", request, caller=None if caller.kind != "user" else caller,
                     message=_who(caller, language(request)))

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        secret = RequestInfo.of(request.scope, authorizer.proxies).session
        if secret:
            authorizer.users.sign_out(secret)
        response = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store", "Clear-Site-Data": '"cache", "storage"'})
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    return router


def local_path(target: str) -> str:
    """Return where to go after signing in: a path of this server, "/" for anything that leads elsewhere."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    return target if safe else "/"


def _exchange(authorizer: Authorizer, name: str, info: RequestInfo, authorization: str, session: str) -> Token:
    """Return a token for a site's backend; Refusal where the secret is wrong or a browser brings it."""
    if "origin" in info.headers or "sec-fetch-site" in info.headers:
        raise AccessDenied("browser_exchange")
    kind, _, secret = authorization.partition(" ")
    site = authorizer.sites.find(name)
    if site is None or kind.lower() != "embed" or not site.has_secret(secret.strip()):
        raise authorizer.wrong_secret(info, "bad_secret", site=name[:40])
    return Token(token=site.token(session, authorizer.clock()), expires_in=TOKEN_SECONDS, session=session, site=site.name)


def _who(caller: Caller, language: str) -> str:
    if caller is GUEST:
        return words(language).refusals["no_credentials"].title
    text = words(language).auth
    return text["signed_in_as"].format(name=caller.name, role=text[f"role_{caller.role.name.lower()}"])
