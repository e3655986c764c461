"""Settings: defaults, then linjian.toml, then LINJIAN_* variables. `app.py` reads them once and alone."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo

from index.errors import LinjianError

FILE_NAME = "linjian.toml"
PREFIX = "LINJIAN_"
CONFIG_VARIABLE = "LINJIAN_CONFIG"
TEST_PREFIX = "LINJIAN_TEST_"  # read by the tests only
HINT = "All settings: linjian config"
MOST_READING_MS = 60_000


class Settings(BaseModel):
    """Everything that can be configured; each description says what is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(description="the folder for index and model")
    host: str = Field("127.0.0.1", description="an address of this machine; 0.0.0.0 opens it to others")
    port: int = Field(7860, ge=1, le=65535, description="a whole number from 1 to 65535")
    encoder: str = Field(
        "e5-small", description="e5-small, a sentence-transformers folder, or the name of a downloaded model"
    )
    reranker: str = Field("on", pattern=r"^(on|off|https?://.+|[^-\s].*)$",
                        description="on, off, a CrossEncoder's folder or name, or the URL of a rerank route")
    reranker_name: str = Field("default", description="the model's name on that server")
    reranker_key: SecretStr = Field(SecretStr("none"), description="none, the server's key, or @FILE that holds it")
    reranker_budget_ms: int = Field(1200, ge=0, le=MOST_READING_MS,
                                  description="a whole number from 0 to 60000: ms for reading")
    threads: int = Field(0, ge=0, le=1024, description="a whole number from 0 to 1024; 0: torch chooses, or the server, "
                                                       "which gives each answer at once its share")
    language: Literal["zh", "en"] = Field("zh", description="zh or en: the language of the chat page")
    max_cases: int = Field(8, ge=1, le=50, description="a whole number from 1 to 50: cases in one answer")
    retrieved_k: int = Field(10, ge=1, le=100, description="a whole number from 1 to 100: passages reported")

    answers_at_once: int = Field(2, ge=1, le=64,
                                 description="a whole number from 1 to 64: answers computed at the same time")
    answer_timeout: int = Field(120, ge=1, le=3600,
                                description="a whole number from 1 to 3600: seconds for one answer of the API")

    model: str = Field("extractive", pattern=r"(?i)^(extractive|https?://.+|.+\.gguf|[a-z][a-z0-9_-]*:\S.*)$",
                       description="extractive (none), the URL of an OpenAI-compatible server, a .gguf file, or "
                                   "PROVIDER:MODEL like ollama:qwen3")
    model_name: str = Field("default", description="the model's name on that server")
    model_key: SecretStr = Field(SecretStr("none"), description="none, the server's key, or @FILE that holds it")
    model_timeout: int = Field(60, ge=1, le=3600, description="a whole number from 1 to 3600: seconds for one answer")
    model_passages: int = Field(6, ge=1, le=20, description="a whole number from 1 to 20: passages the model is shown")

    access: Literal["none", "open", "accounts", "proxy"] = Field(
        "none", description="none (this machine only), open (others read without a login), accounts or proxy")
    hosts: str = Field("none", description="none, or with commas the names under which the server is reached")
    proxies: str = Field("none", description="none, or with commas addresses of trusted proxies, as 10.0.0.5, 10.1.0.0/16")
    proxy_header: str = Field("x-remote-user", pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
                              description="with access = proxy: the header in which the proxy names the user")
    rate_limit: int = Field(60, ge=0, le=100_000,
                            description="a whole number from 0 to 100000: requests a minute of one caller; 0: any number")
    daily_limit: int = Field(10_000, ge=0, le=10_000_000,
                             description="a whole number from 0 to 10000000: requests a day of one embedding site; 0: any")
    upload_limit: int = Field(64, ge=1, le=4096, description="a whole number from 1 to 4096: megabytes of one upload")
    log: Literal["auto", "json", "plain"] = Field(
        "auto", description="json, plain (warnings only) or auto: plain where a person looks on, else json")
    log_questions: Literal["on", "off"] = Field("off", description="on or off: what is asked goes into log and audit log")
    audit_days: int = Field(183, ge=1, le=36500, description="a whole number from 1 to 36500: days of the audit log")

    @field_validator("*", mode="before")
    @classmethod
    def _no_accidents(cls, value: Any) -> Any:
        # pydantic would read true as the number 1, and pathlib "" as the current folder
        if isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
            raise ValueError("neither a yes/no value nor an empty text is possible")
        return value

    def unhurried(self) -> "Settings":
        """Return the settings for answers that nobody waits for: a busy machine must not change what is read and said."""
        return self.model_copy(update={"reranker_budget_ms": MOST_READING_MS}) if self.reranker_budget_ms else self

    def side_by_side(self, processors: int) -> "Settings":
        """Return the settings for answers computed at the same time: each has its share of the processors."""
        return self if self.threads else self.model_copy(update={"threads": max(1, processors // self.answers_at_once)})

    @classmethod
    def load(cls, config: Path | None, environ: Mapping[str, str]) -> tuple["Settings", dict[str, str]]:
        """Return the settings and, for each, where its value comes from.

        An origin is "default", "linjian.toml: FILE" or "environment VARIABLE". The file is `config`, else
        the one that LINJIAN_CONFIG names, else linjian.toml in the current folder or in `home`, if there is
        one. A relative `home` starts at the file; in the variable, at the current folder. Empty variables
        count as not set. Raises LinjianError naming file or variable, setting and what is allowed.
        """
        file = _find_file(config, environ)
        written = _read(file) if file else {}
        if file and any(_is_secret(field, written.get(name)) for name, field in cls.model_fields.items()):
            _keep_to_owner(file)
        given = {name: environ[v] for name in cls.model_fields if environ.get(v := PREFIX + name.upper())}
        values = _anchored(written, file.parent if file else Path()) | _anchored(given, Path.cwd())
        if "home" not in values:
            values["home"] = _default_home(environ)
        origins = dict.fromkeys(cls.model_fields, "default")
        origins.update(dict.fromkeys(written, f"{FILE_NAME}: {file}"))
        origins.update({name: f"environment {PREFIX}{name.upper()}" for name in given})
        try:
            return cls(**values), origins
        except ValidationError as error:
            raise LinjianError(_explain(error, origins)) from None

    @classmethod
    def allowed(cls) -> dict[str, str]:
        """Return for each setting what its value may be."""
        return {name: field.description or "" for name, field in cls.model_fields.items()}


def stray_variables(environ: Mapping[str, str]) -> list[str]:
    """Return the LINJIAN_* variables that are no setting: most often misspelt ones."""
    known = {CONFIG_VARIABLE, *(PREFIX + name.upper() for name in Settings.model_fields)}
    ours = {name for name in environ if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX)}
    return sorted(ours - known)


def _find_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the settings file, absolute, or None; LinjianError when the one named does not exist."""
    if config is None and environ.get(CONFIG_VARIABLE):
        config = Path(environ[CONFIG_VARIABLE])
    if config is not None:
        named = Path(os.path.expanduser(config)).absolute()
        if not named.is_file():
            raise LinjianError(f"There is no settings file {str(named)!r}: see --config and LINJIAN_CONFIG.")
        return named
    home = environ.get(PREFIX + "HOME")
    folders = (Path.cwd(), Path.cwd() / os.path.expanduser(home) if home else _default_home(environ))
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def _default_home(environ: Mapping[str, str]) -> Path:
    shared = environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(shared):  # the XDG specification tells to ignore anything else
        return Path(shared, "linjian")
    try:
        return Path(environ.get("HOME") or Path.home(), ".local", "share", "linjian")
    except RuntimeError:  # a container user without an entry in /etc/passwd
        raise LinjianError("This user has no home folder. Set LINJIAN_HOME to a folder.") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))  # Windows editors write a byte-order mark
    except OSError as error:
        raise LinjianError(f"{file}: cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError:
        raise LinjianError(f"{file}: is not UTF-8. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        example = 'port = 7860 or host = "127.0.0.1"'
        raise LinjianError(f"{file}: is no TOML: {error}. A line looks like {example}.") from None


def _is_secret(field: FieldInfo, value: Any) -> bool:
    """Tell whether a setting as it is written holds a key, or an address with a password in it."""
    if field.annotation is SecretStr:
        return value not in (None, "none") and not str(value).startswith("@")
    return "://" in str(value) and "@" in str(value)


def _keep_to_owner(file: Path) -> None:
    """Let nobody but its owner read a settings file that holds a key; LinjianError where that is not ours to do."""
    try:
        mode = file.stat().st_mode
        if mode & 0o077:
            file.chmod(mode & 0o700)
    except OSError:
        if mode & 0o007:
            raise LinjianError(f"{file}: holds a key and everybody on this machine can read it. As its owner: "
                               f"chmod 600 {file}") from None


def _anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return `values` with a relative `home` made absolute in `folder`, and its ~ expanded."""
    home = values.get("home")
    if isinstance(home, str) and home.strip():
        return {**values, "home": folder / os.path.expanduser(home)}
    return dict(values)


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    """Return one message for the first thing wrong: where, which setting, what is allowed."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    where = origins[name]
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no setting {name!r}; there are {', '.join(Settings.model_fields)}. {HINT}"
    # A key, or what may be an address with a password, typed so wrongly that no rule for addresses finds it.
    told = name not in ("model_key", "reranker_key") and "@" not in str(first["input"])
    value = repr(first["input"]) if told else "this value"
    return f"{where}: {name} cannot be {value}; allowed is {Settings.allowed()[name]}. {HINT}"
