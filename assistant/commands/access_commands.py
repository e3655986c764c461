"""`linjian site`, `linjian user` and `linjian key`: who may come in, decided on the server's own machine."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.auth.accounts.identity import SCOPES
from assistant.commands.groups import Changing, new_group, one_of, services
from index.errors import LinjianError

if TYPE_CHECKING:
    from assistant.auth.accounts.api_keys import Keys
    from assistant.auth.accounts.identity import Role
    from assistant.auth.accounts.sites import Site, Sites
    from assistant.auth.accounts.users import Users

site = new_group("Pages of others that may embed the widget.")
user = new_group("People who sign in.")
key = new_group("Keys for programs that use the API.")

Name = Annotated[str, typer.Argument(metavar="NAME")]
RoleName = Literal["reader", "librarian", "admin"]
Origins = Annotated[list[str], typer.Option("--origin", metavar="ORIGIN", help=(
    "https://portal.example.org, or https://*.example.org for all below it; may be given several times"))]
PasswordInput = Annotated[bool, typer.Option(
    "--password-stdin", help="read the password from standard input, do not ask for it")]


def _sites(ctx: typer.Context) -> Sites:
    from assistant.auth.accounts.access_database import access_database
    from assistant.auth.accounts.sites import Sites

    return Sites(access_database(services(ctx).home))


def _users(ctx: typer.Context) -> Users:
    from assistant.auth.accounts.access_database import access_database
    from assistant.auth.accounts.users import Users

    return Users(access_database(services(ctx).home))


def _keys(ctx: typer.Context) -> Keys:
    from assistant.auth.accounts.access_database import access_database
    from assistant.auth.accounts.api_keys import Keys

    return Keys(access_database(services(ctx).home))


@site.command("add", cls=Changing)
def add_site(
    ctx: typer.Context, name: Name, origin: Origins,
    daily: Annotated[int, typer.Option(metavar="N", help="requests a day; without it the setting daily_limit")] = 0,
) -> None:
    """Allow pages of some origins to embed the widget; print the site's secret."""
    secret = _sites(ctx).add(name, origin, daily)
    _print_secret(f"Site {name} was added. Its secret, for the backend of that site alone", secret)


@site.command(cls=Changing)
def allow(ctx: typer.Context, name: Name, origin: Origins) -> None:
    """Let the pages of more origins embed the widget."""
    _print_origins(_sites(ctx).allow(name, origin))


@site.command(cls=Changing)
def deny(ctx: typer.Context, name: Name, origin: Origins) -> None:
    """Take origins off a site's list."""
    _print_origins(_sites(ctx).deny(name, origin))


@site.command("list")
def list_sites(ctx: typer.Context) -> None:
    """List the sites, their origins and today's use."""
    sites = _sites(ctx)
    for one in sites.all():
        origins = " ".join(map(str, one.patterns)) or "nobody"
        limit = f" of {one.daily}" if one.daily else ""
        print(f"{one.name}\t{origins}\ttoday: {sites.used(one.name)}{limit}\tsecret of {_day(one.rotated)}")


@site.command(cls=Changing)
def rotate(ctx: typer.Context, name: Name) -> None:
    """End a site's secret and tokens at once and print a new secret."""
    secret = _sites(ctx).rotate(name)
    _print_secret(f"The old secret of site {name} and all its tokens have ended. The new secret", secret)


@site.command("remove", cls=Changing)
def remove_site(ctx: typer.Context, name: Name) -> None:
    """Remove a site."""
    _sites(ctx).remove(name)
    print(f"Site {name} was removed; its widgets stop now.")


@user.command("add", cls=Changing)
def add_user(
    ctx: typer.Context, name: Name, role: RoleName = "reader",
    no_password: Annotated[bool, typer.Option("--no-password", help="only a trusted proxy signs this user in")] = False,
    password_stdin: PasswordInput = False,
) -> None:
    """Add a user; ask for the password."""
    _users(ctx).add(name, _role(role), None if no_password else _password(password_stdin))
    print(f"User {name.lower()} was added as {role}.")


@user.command(cls=Changing)
def change(
    ctx: typer.Context, name: Name, role: RoleName | None = None,
    password: Annotated[bool, typer.Option(
        "--password", help="ask for a new password; the user is signed out everywhere")] = False,
    password_stdin: PasswordInput = False,
) -> None:
    """Give a user another role or password."""
    if role is None and not password:
        raise LinjianError("Nothing to change: give --role or --password")
    _users(ctx).change(name, role=role and _role(role), password=_password(password_stdin) if password else None)
    print(f"User {name.lower()} was changed.")


@user.command("list")
def list_users(ctx: typer.Context) -> None:
    """List the users."""
    for one in _users(ctx).all():
        print(f"{one.name}\t{one.role.name.lower()}\t{'password' if one.has_password else 'signed in by the proxy'}")


@user.command("remove", cls=Changing)
def remove_user(ctx: typer.Context, name: Name) -> None:
    """Remove a user."""
    _users(ctx).remove(name)
    print(f"User {name.lower()} was removed and is signed out.")


@key.command("add", cls=Changing)
def add_key(
    ctx: typer.Context, name: Name, role: RoleName = "reader",
    scope: Annotated[list[str], typer.Option(
        parser=one_of(*SCOPES), metavar="|".join(SCOPES), help="what it is for; may be given several times")] = ["read"],
    days: Annotated[int, typer.Option(metavar="N", help="how long it is good for")] = 90,
) -> None:
    """Make a key and print it, once."""
    secret = _keys(ctx).add(name, _role(role), scope, days)
    _print_secret(f"Key {name} was added, good for {days} days", secret)


@key.command("list")
def list_keys(ctx: typer.Context) -> None:
    """List the keys."""
    for one in _keys(ctx).all():
        state = "expired" if one.expires <= time.time() else "until"
        print(f"{one.name}\t{one.role.name.lower()}\t{' '.join(one.scopes)}\t{state} {_day(one.expires)}")


@key.command(cls=Changing)
def revoke(ctx: typer.Context, name: Name) -> None:
    """End a key at once."""
    _keys(ctx).revoke(name)
    print(f"Key {name} was revoked; it opens nothing any more.")


def _print_origins(changed: Site) -> None:
    print(f"Site {changed.name} may now be embedded by: {', '.join(map(str, changed.patterns)) or 'nobody'}")


def _print_secret(what: str, secret: str) -> None:
    """Print the secret alone on standard output, so that it can be piped; the words go to the error stream."""
    print(f"{what} (shown only now):", file=sys.stderr)
    print(secret)


def _role(name: str) -> Role:
    from assistant.auth.accounts.identity import Role

    return Role[name.upper()]


def _password(from_stdin: bool) -> str:
    """Return the password, typed twice at a terminal or one line of standard input; LinjianError when they differ."""
    if from_stdin:
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
