"""The commands of `linjian site`, `linjian user` and `linjian key`: who may come in, decided on the server's own machine.

What opens the database is imported when a command runs: `linjian --help` stays quick.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import LinjianError

if TYPE_CHECKING:
    from assistant.guard.caller import Role
    from assistant.guard.keys import Keys
    from assistant.guard.sites import Site, Sites
    from assistant.guard.users import Users

Run = Callable[[argparse.Namespace], int]
Home = Callable[[argparse.Namespace], Path]
"""Tells the folder of the index and of access.sqlite; the entry point, which alone reads settings, gives it."""
ROLES = ("reader", "librarian", "admin")
SCOPES = ("read", "openai", "mcp", "library", "metrics")


def add_site_commands(commands: Any, home: Home) -> None:
    """Add the commands below `linjian site`; each sets `run`, a function of the parsed arguments."""

    def sites(args: argparse.Namespace) -> Sites:
        from assistant.guard.database import access_database
        from assistant.guard.sites import Sites

        return Sites(access_database(home(args)))

    def add(args: argparse.Namespace) -> int:
        secret = sites(args).add(args.name, args.origin, args.daily)
        return _tell_secret(f"Site {args.name} was added. Its secret, for the backend of that site alone", secret)

    def rotate(args: argparse.Namespace) -> int:
        secret = sites(args).rotate(args.name)
        return _tell_secret(f"The old secret of site {args.name} and all its tokens have ended. The new secret", secret)

    def remove(args: argparse.Namespace) -> int:
        sites(args).remove(args.name)
        return _tell(f"Site {args.name} was removed; its widgets stop now.")

    it = _command(commands, "add", "allow pages of some origins to embed the widget; prints the site's secret", add, "NAME")
    _add_origins(it)
    it.add_argument("--daily", type=int, default=0, metavar="N", help="requests a day; without it the setting daily_limit")
    it = _command(commands, "allow", "let the pages of more origins embed the widget",
                  lambda args: _tell_origins(sites(args).allow(args.name, args.origin)), "NAME")
    _add_origins(it)
    it = _command(commands, "deny", "take origins off a site's list",
                  lambda args: _tell_origins(sites(args).deny(args.name, args.origin)), "NAME")
    _add_origins(it)
    _command(commands, "list", "list the sites, their origins and today's use", lambda args: _list_sites(sites(args)))
    _command(commands, "rotate", "end a site's secret and tokens at once and print a new secret", rotate, "NAME")
    _command(commands, "remove", "remove a site", remove, "NAME")


def add_user_commands(commands: Any, home: Home) -> None:
    """Add the commands below `linjian user`; each sets `run`, a function of the parsed arguments."""

    def users(args: argparse.Namespace) -> Users:
        from assistant.guard.database import access_database
        from assistant.guard.users import Users

        return Users(access_database(home(args)))

    def add(args: argparse.Namespace) -> int:
        users(args).add(args.name, _role(args.role), None if args.no_password else _password(args))
        return _tell(f"User {args.name.lower()} was added as {args.role}.")

    def change(args: argparse.Namespace) -> int:
        if args.role is None and not args.password:
            raise LinjianError("Nothing to change: give --role or --password")
        role, password = args.role and _role(args.role), _password(args) if args.password else None
        users(args).change(args.name, role=role, password=password)
        return _tell(f"User {args.name.lower()} was changed.")

    def show(args: argparse.Namespace) -> int:
        for user in users(args).all():
            print(f"{user.name}\t{user.role.name.lower()}\t{'password' if user.has_password else 'signed in by the proxy'}")
        return 0

    def remove(args: argparse.Namespace) -> int:
        users(args).remove(args.name)
        return _tell(f"User {args.name.lower()} was removed and is signed out.")

    it = _command(commands, "add", "add a user; asks for the password", add, "NAME")
    it.add_argument("--role", choices=ROLES, default="reader")
    it.add_argument("--no-password", action="store_true", help="only a trusted proxy signs this user in")
    _add_password_input(it)
    it = _command(commands, "change", "give a user another role or password", change, "NAME")
    it.add_argument("--role", choices=ROLES)
    it.add_argument("--password", action="store_true", help="ask for a new password; the user is signed out everywhere")
    _add_password_input(it)
    _command(commands, "list", "list the users", show)
    _command(commands, "remove", "remove a user", remove, "NAME")


def add_key_commands(commands: Any, home: Home) -> None:
    """Add the commands below `linjian key`; each sets `run`, a function of the parsed arguments."""

    def keys(args: argparse.Namespace) -> Keys:
        from assistant.guard.database import access_database
        from assistant.guard.keys import Keys

        return Keys(access_database(home(args)))

    def add(args: argparse.Namespace) -> int:
        key = keys(args).add(args.name, _role(args.role), args.scope or ["read"], args.days)
        return _tell_secret(f"Key {args.name} was added, good for {args.days} days", key)

    def show(args: argparse.Namespace) -> int:
        for key in keys(args).all():
            state = "expired" if key.expires <= time.time() else "until"
            print(f"{key.name}\t{key.role.name.lower()}\t{' '.join(key.scopes)}\t{state} {_day(key.expires)}")
        return 0

    def revoke(args: argparse.Namespace) -> int:
        keys(args).revoke(args.name)
        return _tell(f"Key {args.name} was revoked; it opens nothing any more.")

    it = _command(commands, "add", "make a key and print it, once", add, "NAME")
    it.add_argument("--role", choices=ROLES, default="reader")
    it.add_argument("--scope", action="append", choices=SCOPES, help="what it is for (read); may be given several times")
    it.add_argument("--days", type=int, default=90, metavar="N", help="how long it is good for (90)")
    _command(commands, "list", "list the keys", show)
    _command(commands, "revoke", "end a key at once", revoke, "NAME")


def _command(commands: Any, name: str, what: str, run: Run, argument: str = "") -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what)
    if argument:
        parser.add_argument("name", metavar=argument)
    parser.set_defaults(run=run)
    return parser


def _add_origins(parser: argparse.ArgumentParser) -> None:
    what = "https://portal.example.org, or https://*.example.org for all below it; may be given several times"
    parser.add_argument("--origin", action="append", required=True, metavar="ORIGIN", help=what)


def _add_password_input(parser: argparse.ArgumentParser) -> None:
    what = "read the password from standard input, do not ask for it"
    parser.add_argument("--password-stdin", action="store_true", help=what)


def _list_sites(sites: Sites) -> int:
    for site in sites.all():
        origins = " ".join(map(str, site.patterns)) or "nobody"
        limit = f" of {site.daily}" if site.daily else ""
        print(f"{site.name}\t{origins}\ttoday: {sites.used(site.name)}{limit}\tsecret of {_day(site.rotated)}")
    return 0


def _tell(what: str) -> int:
    print(what)
    return 0


def _tell_origins(site: Site) -> int:
    return _tell(f"Site {site.name} may now be embedded by: {', '.join(map(str, site.patterns)) or 'nobody'}")


def _tell_secret(what: str, secret: str) -> int:
    """Print the secret alone on standard output, so that it can be piped; the words go to the error stream."""
    print(f"{what} (shown only now):", file=sys.stderr)
    print(secret)
    return 0


def _role(name: str) -> Role:
    from assistant.guard.caller import Role

    return Role[name.upper()]


def _password(args: argparse.Namespace) -> str:
    """Return the password, typed twice at a terminal or one line of standard input; LinjianError when they differ."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    try:
        first, again = getpass.getpass("Password: "), getpass.getpass("Once more: ")
    except EOFError:
        raise LinjianError("No password was given. Type it, or pipe it in: --password-stdin") from None
    if first != again:
        raise LinjianError("The two passwords differ. Run the command again.")
    return first


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
