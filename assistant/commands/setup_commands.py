"""`linjian config` and `linjian model check`: what is set, and whether it works."""

from __future__ import annotations

import json

import typer

from assistant.commands.groups import lone_command, new_group, services
from index.errors import LinjianError

config = lone_command()
model = new_group("Test the language model, where one is set.")


@config.command()
def print_settings(ctx: typer.Context) -> None:
    """Print each setting, its value and where that comes from.

    When one is wrong, print what is allowed.
    """
    from assistant.evidence.endpoints import masked
    from assistant.settings import Settings

    allowed = Settings.allowed()
    try:
        settings, origins = services(ctx).settings_and_origins()
    except LinjianError:
        for name, what in allowed.items():
            print(f"# {name:<14} {what}")
        raise
    for name, value in settings.model_dump(mode="json").items():
        shown = json.dumps(masked(value) if isinstance(value, str) else value, ensure_ascii=False)
        print(f"{name:<14} = {shown}  # {origins[name]} ({allowed[name]})")
    if origins["encoder"] != "default":  # else the weights are its own, and what knows that takes a second to import
        from assistant.answer.calibration import encoder_notice

        if notice := encoder_notice(settings.encoder):
            print(f"# {notice}")


@model.command()
def check(ctx: typer.Context) -> int:
    """Ask the model something and say in words what is wrong."""
    from assistant.llm.model_check import check_model

    given = services(ctx)
    return check_model(given.model(given.settings))
