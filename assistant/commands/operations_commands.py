"""`linjian audit`, `linjian backup` and `linjian restore`, and how commands are written into the audit log."""

from __future__ import annotations

import getpass
import json
import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.groups import day, lone_command, new_group, services
from index.errors import LinjianError
from index.messages import printable

if TYPE_CHECKING:
    from assistant.commands.services import Services

audit = new_group("Who asked, added, removed or changed something.")
backup = lone_command()
restore = lone_command()
BackupFile = Annotated[Path, typer.Argument(metavar="FILE.zip")]


@audit.command("list")
def list_events(
    ctx: typer.Context,
    who: Annotated[str, typer.Option(metavar="CALLER", help="of one caller, like user:anna")] = "",
    what: Annotated[str, typer.Option(metavar="WHAT", help="of one kind, like ask or remove")] = "",
    since: Annotated[str | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="from this day (UTC) on")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="how many")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON lines")] = False,
) -> None:
    """Print the newest events."""
    from assistant.operations.audit import AUDIT, AuditLog

    settings = services(ctx).settings
    if not (settings.home / AUDIT).is_file():
        raise LinjianError(f"There is no audit log in {str(settings.home)!r} yet. It begins when something is done: "
                           "linjian serve")
    with closing(AuditLog(settings.home, days=settings.audit_days)) as log:
        events = log.events(caller=who, what=what, since=since or "", limit=limit)
    for event in events:
        if as_json:
            print(printable(json.dumps(asdict(event), ensure_ascii=False)))
        else:
            about = event.about.encode("unicode_escape").decode() if not event.about.isprintable() else event.about
            print(f"{event.at}  {event.caller:<20}  {event.what:<10}  {about}")
    if not events and not as_json:
        print("no such event")


@backup.command()
def back_up(ctx: typer.Context, file: BackupFile) -> None:
    """Copy everything stored into one file, while the server runs."""
    from assistant.operations.backup import back_up
    from index.progress import Bar

    given = services(ctx)
    with Bar() as bar:
        manifest = back_up(given.home, file, given.version, lambda what, done, total: bar("backing up", done, total))
    size = sum(size for size, _ in manifest.files.values())
    print(f"{file}: {len(manifest.files)} files, {_megabytes(size)}, in {_megabytes(file.stat().st_size)}; "
          f"index version {manifest.index_version or 'none'}")


@restore.command()
def put_back(
    ctx: typer.Context, file: BackupFile,
    replace: Annotated[bool, typer.Option("--replace", help="in place of what is stored now")] = False,
) -> None:
    """Put a backup back in place."""
    from assistant.operations.restore import restore
    from index.progress import Bar

    given = services(ctx)
    with Bar() as bar:
        manifest = restore(file, given.home, replace=replace,
                           progress=lambda what, done, total: bar("restoring", done, total))
    record_command(given, "restore", f"{file.name}, made {manifest.made_at}")
    print(f"{given.home}: as it was at {manifest.made_at}, index version {manifest.index_version or 'none'}, "
          f"{len(manifest.files)} files")


def record_command(given: Services, what: str, about: str) -> None:
    """Write into the audit log what the user at this machine's command line did."""
    from assistant.auth.accounts.identity import Caller, Role
    from assistant.operations.audit import AuditLog

    with closing(AuditLog(given.home, days=given.settings.audit_days)) as log:
        log.record(Caller("local", _user(), Role.ADMIN), what, about)


def _user() -> str:
    """Return the name of the user of this process, or the number of one that has no name."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ModuleNotFoundError:  # on Windows
        return getpass.getuser()
    except KeyError:  # in a container
        return str(os.getuid())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
