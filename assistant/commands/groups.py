"""What all commands share: groups that are built when one of their commands is typed, the services, the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:  # imports pydantic
    from assistant.commands.services import Services


def new_group(about: str) -> typer.Typer:
    """Return a group of commands; `about` is its help."""
    return typer.Typer(help=about, callback=lambda: None, rich_markup_mode=None, add_completion=False)


def lone_command() -> typer.Typer:
    """Return what holds one command that is in no group."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)


class LazyGroup(TyperGroup):
    """A group that imports a command when it is typed: `places` says in which module, and under which name there."""

    places: ClassVar[Mapping[str, str]]

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.places)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return typer.main.get_command(_load(self.places[cmd_name])) if cmd_name in self.places else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command, none of them built: that takes longer than to import them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _about(_load(place))) for name, place in self.places.items()])


def _load(place: str) -> typer.Typer:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _about(commands: typer.Typer) -> str:
    if isinstance(commands.info.help, str):
        return commands.info.help
    return str(commands.registered_commands[0].callback.__doc__).partition("\n")[0]


class Changing(TyperCommand):
    """A command that changes something. It goes into the audit log with its arguments; secrets are never arguments."""

    def invoke(self, ctx: Any) -> Any:
        try:
            status = super().invoke(ctx)
        except KeyboardInterrupt:  # so ends `linjian index watch`
            self._record(ctx)
            raise
        self._record(ctx)
        return status

    def _record(self, ctx: Any) -> None:
        from assistant.commands.operations_commands import record_command

        given = {name: " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                 for name, value in ctx.params.items() if value}
        record_command(services(ctx), f"{ctx.parent.info_name} {ctx.info_name}",
                       ", ".join(f"{name}: {value}" for name, value in given.items()))


def services(ctx: typer.Context) -> Services:
    """Return what the entry point gave."""
    return ctx.obj


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what reads one of the choices where an option may be given several times; wrong usage for anything else."""

    def read(text: str) -> str:
        if text not in choices:
            raise typer.BadParameter(f"{text!r} is none of {', '.join(choices)}")
        return text

    return read


def day(text: str) -> str:
    """Return a day in ISO form; wrong usage when it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day like 2024-06-30") from None
