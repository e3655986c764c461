"""Every word that the guard and its pages say, one dict a language, the same keys in each.

A refusal is `code`: the title before the first stop, then what to do.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "lang": "zh-CN",
        "name": "邻鉴",
        "host": "主机名 {host} 不在允许之列。|请用服务器的地址访问，或请管理员把它写进设置 hosts。",
        "forwarded": "请求经过了代理，而服务器设置为仅供本机使用（access = none）。|请管理员把设置 access 改为 accounts 或 proxy，并把代理地址写进 proxies。",
        "closed": "此地址不开放。|这里没有供人使用的内容。",
        "null_origin": "来源为 null 的网页不被接受。|本地文件和沙盒框架不能嵌入；请从正式网址打开网页。",
        "foreign_origin": "来自 {origin} 的网页不能使用这里。|只有本站自己的网页，或持有令牌的嵌入站点才可以。",
        "no_origin": "请求没有说明来自哪个网页。|站点令牌只能由浏览器中的网页使用。",
        "origin_not_listed": "来源 {origin} 不在站点 {site} 的允许名单上。|请管理员运行：linjian site allow {site} --origin {origin}",
        "preflight": "来源 {origin} 不在任何站点的允许名单上。|请管理员为站点登记此来源：linjian site allow NAME --origin {origin}",
        "no_site": "没有名为 {site} 的站点。|请管理员登记：linjian site add {site} --origin https://…",
        "no_credentials": "需要先登录。|请登录，或在请求头 Authorization: Bearer 中给出密钥或令牌。",
        "bad_credentials": "出示的密钥或令牌无效。|它可能已被撤销、更换，或有误；请向管理员索取新的。",
        "expired_token": "令牌已过期。|请由站点的后台换取新的令牌。",
        "expired_key": "密钥已于 {day} 过期。|请管理员另发一把：linjian key add",
        "bad_secret": "站点 {site} 的密钥不对。|密钥可能已更换；请管理员运行 linjian site rotate {site} 并更新站点后台。",
        "browser_exchange": "浏览器不能换取令牌。|站点密钥应只留在站点自己的后台；若已出现在网页里，请立刻更换。",
        "not_proxy": "只接受来自受信代理的请求，{address} 不是。|请从平时的网址打开，或请管理员检查设置 proxies。",
        "no_proxy_user": "代理没有说明是谁在访问。|请管理员检查代理是否发送请求头 {header}。",
        "not_for_sites": "嵌入站点的令牌不能用于此处。|它只能提问、检索和阅读报道。",
        "not_for_keys": "密钥不能用于此处。|网页需要登录后使用。",
        "scope": "这把密钥不包含“{scope}”。|请管理员发一把包含它的密钥：linjian key add --scope {scope}",
        "role": "需要“{role}”的权限。|请向管理员申请。",
        "too_large": "请求过大，最多 {limit} 字节。|请缩短后再试。",
        "length": "上传必须说明长度。|请在请求头中给出 Content-Length。",
        "too_many": "请求过于频繁。|请 {seconds} 秒后再试。",
        "suspended": "出错次数过多。|请 {seconds} 秒后再试。",
        "daily": "站点 {site} 今天的次数（{limit}）已用完。|请明天再试，或请管理员放宽。",
        "reader": "读者", "librarian": "资料员", "admin": "管理员",
        "refused": "没有放行",
        "sign_in": "登录",
        "sign_out": "退出登录",
        "user": "用户名",
        "password": "密码",
        "wrong": "用户名或密码不对。",
        "signed_in_as": "已登录：{name}（{role}）",
        "no_accounts": "这台服务器没有开启登录。",
        "back": "回到首页",
    },
    "en": {
        "lang": "en",
        "name": "Linjian 邻鉴",
        "host": "The host name {host} is not allowed.|Use the server's address, or ask the administrator to put it into the setting hosts.",
        "forwarded": "The request came through a proxy, but the server is set up for its own machine only (access = none).|"
                     "Ask the administrator to set access to accounts or proxy, and to name the proxy in proxies.",
        "closed": "This address is closed.|There is nothing here for anybody to use.",
        "null_origin": "Pages whose origin is null are not accepted.|Local files and sandboxed frames cannot embed; open the page from its address.",
        "foreign_origin": "Pages of {origin} may not use this.|Only this server's own pages may, and embedding sites with a token.",
        "no_origin": "The request does not say which page it comes from.|A site's token is for pages in browsers only.",
        "origin_not_listed": "The origin {origin} is not on the list of site {site}.|"
                             "The administrator allows it with: linjian site allow {site} --origin {origin}",
        "preflight": "The origin {origin} is not on the list of any site.|The administrator allows it with: linjian site allow NAME --origin {origin}",
        "no_site": "There is no site {site}.|The administrator adds it with: linjian site add {site} --origin https://…",
        "no_credentials": "Please sign in first.|Or send a key or token in the header Authorization: Bearer.",
        "bad_credentials": "The key or token is not valid.|It may have been revoked or replaced, or is mistyped; ask the administrator for another.",
        "expired_token": "The token has expired.|The site's backend exchanges its secret for a new one.",
        "expired_key": "The key expired on {day}.|The administrator makes another with: linjian key add",
        "bad_secret": "The secret of site {site} is wrong.|"
                      "It may have been replaced: the administrator runs linjian site rotate {site} and gives the new one to the site's backend.",
        "browser_exchange": "A browser cannot exchange a secret.|The secret belongs to the site's backend alone; if it was in a page, rotate it now.",
        "not_proxy": "Only requests of the trusted proxies are accepted, and {address} is none.|Use the usual address, or ask the administrator to check the setting proxies.",
        "no_proxy_user": "The proxy did not say who is calling.|Ask the administrator whether it sends the header {header}.",
        "not_for_sites": "The token of an embedding site is not for this.|It may ask, search and read articles.",
        "not_for_keys": "API keys are not for this.|Pages are for people who signed in.",
        "scope": "This key does not cover “{scope}”.|The administrator makes one that does: linjian key add --scope {scope}",
        "role": "This is for the role “{role}”.|Ask the administrator for it.",
        "too_large": "The request is too large; {limit} bytes are allowed.|Shorten it and try again.",
        "length": "An upload must state its length.|Send the header Content-Length.",
        "too_many": "Too many requests.|Try again in {seconds} seconds.",
        "suspended": "Too many wrong attempts.|Try again in {seconds} seconds.",
        "daily": "Site {site} has used up today's requests ({limit}).|Try again tomorrow, or ask the administrator for more.",
        "reader": "reader", "librarian": "librarian", "admin": "administrator",
        "refused": "Refused",
        "sign_in": "Sign in",
        "sign_out": "Sign out",
        "user": "User name",
        "password": "Password",
        "wrong": "User name or password is wrong.",
        "signed_in_as": "Signed in: {name} ({role})",
        "no_accounts": "This server has no sign-in.",
        "back": "To the start page",
    },
}


def language_of(accepted: str, default: str) -> str:
    """Return the first language of an Accept-Language header that we speak, else `default`."""
    for entry in accepted.split(","):
        tag = entry.partition(";")[0].strip().lower().partition("-")[0]
        if tag in WORDS:
            return tag
    return default
