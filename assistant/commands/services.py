"""What the entry point gives the commands: the settings, and what is built from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what these import takes seconds, and `linjian --help` must not
    from assistant.assistant import Assistant
    from assistant.llm.model import LanguageModel
    from assistant.settings import Settings
    from index.embedding.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Services:
    """Functions that load when they are called: nothing is read or loaded before a command needs it."""

    version: str
    settings_and_origins: Callable[[], tuple[Settings, Mapping[str, str]]]
    """Raises LinjianError when a setting is wrong."""
    encoder: Callable[[Settings], Encoder]
    model: Callable[[Settings], LanguageModel | None]
    assistants: Callable[[Settings, Encoder], Callable[[Path], Assistant]]
    """Returns what makes an assistant over the index in a folder; models are opened once, for all."""
    under: Callable[[Path], Services]
    """Returns the services under another settings file."""

    @property
    def settings(self) -> Settings:
        return self.settings_and_origins()[0]

    @property
    def home(self) -> Path:
        return self.settings.home

    def load_encoder(self) -> Encoder:
        return self.encoder(self.settings)

    def load_assistant(self, settings: Settings) -> Assistant:
        """Return the assistant over the index in `home`; MissingIndex, before the model is loaded, when there is none."""
        from index.search.versions import current

        current(settings.home)
        return self.assistants(settings, self.encoder(settings))(settings.home)
