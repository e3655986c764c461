"""The commands `linjian audit`, `backup` and `restore`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.errors import LinjianError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EVENTS = 50
READS = {"list", "show", "check", "stats"}
"""Commands that change nothing."""
NOT_GIVEN = {"run", "config", "command", "fail"}
"""What argparse and the entry point add to the arguments."""


class Settings(Protocol):
    """What these commands need of the settings."""

    home: Path
    audit_days: int


def add_commands(commands: Commands, settings: Callable[[argparse.Namespace], Settings], release: str) -> None:
    """Add the commands; each sets `run`, a function of the parsed arguments. `settings` finishes a restore first."""
    audit = commands.add_parser("audit", help="who asked, added, removed or changed something")
    listing = audit.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser(
        "list", help="print the newest events")
    listing.add_argument("--who", default="", metavar="CALLER", help="of one caller, like user:anna")
    listing.add_argument("--what", default="", metavar="WHAT", help="of one kind, like ask or remove")
    listing.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="from this day (UTC) on")
    listing.add_argument("--limit", default=EVENTS, type=_count, metavar="N", help=f"how many; {EVENTS} unless told")
    listing.add_argument("--json", action="store_true", help="print JSON lines")
    listing.set_defaults(run=lambda args: _audit(args, settings(args)))

    backup = commands.add_parser("backup", help="copy everything stored into one file, while the server runs")
    backup.add_argument("file", type=Path, metavar="FILE.zip")
    backup.set_defaults(run=lambda args: _backup(args, settings(args), release))

    restore = commands.add_parser("restore", help="put a backup back in place")
    restore.add_argument("file", type=Path, metavar="FILE.zip")
    restore.add_argument("--replace", action="store_true", help="in place of what is stored now")
    restore.set_defaults(run=lambda args: _restore(args, settings(args)))


def record_changes(group: str, parser: argparse.ArgumentParser,
                   record: Callable[[argparse.Namespace, str, str], None]) -> None:
    """Let every command below `linjian GROUP` that is not among READS be recorded when it has done something.

    Recorded is the command and its arguments; secrets are never arguments.
    """

    def recorded(name: str, run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
        def running(args: argparse.Namespace) -> int:
            def tell() -> None:
                given = {key: value for key, value in vars(args).items() if key not in NOT_GIVEN and value}
                about = [f"{key}: {' '.join(map(str, value)) if isinstance(value, list) else value}"
                         for key, value in given.items()]
                record(args, f"{group} {name}", ", ".join(about))

            try:
                status = run(args)
            except KeyboardInterrupt:  # so ends `linjian index watch`
                tell()
                raise
            tell()
            return status

        return running

    below = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for name, command in below.choices.items():
        if name not in READS:
            command.set_defaults(run=recorded(name, command.get_default("run")))


def record_command(home: Path, days: int, what: str, about: str) -> None:
    """Write into the audit log what the user at this machine's command line did."""
    from assistant.guard.caller import Caller, Role
    from assistant.ops.audit import AuditLog

    log = AuditLog(home, days=days)
    try:
        log.record(Caller("local", _user(), Role.ADMIN), what, about)
    finally:
        log.close()


def _audit(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.ops.audit import AUDIT, AuditLog

    if not (settings.home / AUDIT).is_file():
        raise LinjianError(f"There is no audit log in {str(settings.home)!r} yet. It begins when something is done: "
                           "linjian serve")
    log = AuditLog(settings.home, days=settings.audit_days)
    try:
        events = log.events(caller=args.who, what=args.what, since=args.since or "", limit=args.limit)
    finally:
        log.close()
    for event in events:
        if args.json:
            print(json.dumps(asdict(event), ensure_ascii=False))
        else:
            about = event.about.encode("unicode_escape").decode() if not event.about.isprintable() else event.about
            print(f"{event.at}  {event.caller:<20}  {event.what:<10}  {about}")
    if not events and not args.json:
        print("no such event")
    return 0


def _backup(args: argparse.Namespace, settings: Settings, release: str) -> int:
    from assistant.ops.backup import back_up
    from index.progress import Bar

    with Bar() as bar:
        manifest = back_up(settings.home, args.file, release, lambda what, done, total: bar("backing up", done, total))
    size = sum(size for size, _ in manifest.files.values())
    print(f"{args.file}: {len(manifest.files)} files, {_megabytes(size)}, in {_megabytes(args.file.stat().st_size)}; "
          f"index version {manifest.index_version or 'none'}")
    return 0


def _restore(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.ops.restore import restore
    from index.progress import Bar

    with Bar() as bar:
        manifest = restore(args.file, settings.home, replace=args.replace,
                           progress=lambda what, done, total: bar("restoring", done, total))
    record_command(settings.home, settings.audit_days, "restore", f"{args.file.name}, made {manifest.made_at}")
    print(f"{settings.home}: as it was at {manifest.made_at}, index version {manifest.index_version or 'none'}, "
          f"{len(manifest.files)} files")
    return 0


def _user() -> str:
    """Return the name of the user of this process, or the number of one that has no name."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container
        return str(os.getuid())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2024-06-30") from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)
