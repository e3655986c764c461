"""A language model behind LangChain's `BaseChatModel`, on a leash: bounded in time and length, its failures told in words.

    model = open_model("http://10.0.0.5:8000/v1", name="qwen3", key="none", timeout=60)      # any OpenAI-compatible server
    model = open_model("ollama:qwen3", name="default", key="none", timeout=60)              # any provider of LangChain
    model = LanguageModel(ChatAnything(...), name="anything")                               # any LangChain chat model
    for text in model.stream(prompt, {"question": …}): ...

Nothing but the configured address is spoken to: tracing is off, a server on this machine is never asked through a proxy, and
no tokenizer is loaded (tiktoken would download one).
"""

from __future__ import annotations

import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.evidence.endpoints import PASSWORD_IN_ADDRESS, hidden, is_local, masked, read_key, secrets_in
from assistant.llm.characters import whole_characters
from assistant.llm.thoughts import FORGET, SpokenText
from index.errors import ModelError

if TYPE_CHECKING:  # takes seconds to import, and the built-in answerer needs none of it
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnableConfig

logger = logging.getLogger(__name__)

MOST_CHARACTERS = 6000
"""Characters of one answer; a model that writes more babbles."""
MOST_THOUGHTS = 24_000
"""Characters that a model may think of one answer."""
MOST_TOKENS = 1200
"""Tokens that the server is asked for at most."""
SILENCE = 0.25
"""Seconds after which whoever reads what a silent model writes has the word again, and may leave."""
PROVIDED = re.compile(r"[a-z][a-z0-9_-]*:\S.*")
"""PROVIDER:MODEL, as `init_chat_model` takes it."""
REDIRECTS = (301, 302, 303, 307, 308)
CONTEXT = 8192
"""Tokens of context that a local GGUF file is given."""


class LanguageModel:
    """A chat model with its name, the seconds that one answer may take, and how many passages it is shown.

    What is said when it fails is told without its keys and the passwords of its addresses.
    """

    def __init__(self, chat: BaseChatModel, *, name: str, timeout: float = 60, passages: int = 6,
                 server: object = None) -> None:
        self.chat, self.name, self.timeout, self.passages = chat, name, timeout, passages
        self._secrets = _secrets_of(chat)
        self._server = server  # of a GGUF file: it ends when nobody holds it

    def stream(self, prompt: ChatPromptTemplate, values: Mapping[str, str], *, seconds: float | None = None,
               most: int = MOST_CHARACTERS, config: RunnableConfig | None = None) -> Iterator[str]:
        """Yield the text as it comes, without thoughts; ModelError when the model fails, takes too long or babbles.

        The model runs in a thread of its own: whatever it does, this returns after `seconds` (default: the timeout). A piece
        is empty while the model is silent or thinks, and FORGET where what was yielded before it were thoughts.
        """
        ends = time.monotonic() + (self.timeout if seconds is None else seconds)
        written: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        stop = threading.Event()
        work = threading.Thread(target=self._run, args=(prompt.format_messages(**values), config, written, stop),
                                name="language model", daemon=True)
        work.start()
        size, spoken = 0, SpokenText()
        try:
            while True:
                pieces, ended = self._waiting(written, ends)
                said = [*spoken.feed("".join(pieces)), *(spoken.close() if ended is None else ())]
                for text in said or [""]:
                    yield text if text == FORGET else text[: most - size]
                    size = 0 if text == FORGET else size + len(text)
                    if size > most or spoken.thought > MOST_THOUGHTS:
                        wrote = f"wrote more than {most}" if size > most else f"thought more than {MOST_THOUGHTS}"
                        raise ModelError("long", f"The language model {self.name!r} {wrote} characters.")
                if isinstance(ended, Exception):
                    # from None: the library's own words may hold the key
                    raise self.explained(ended, began=size + spoken.thought > 0) from None
                if ended is None:
                    return
        finally:
            stop.set()

    def write(self, prompt: ChatPromptTemplate, values: Mapping[str, str], *, most: int,
              seconds: float | None = None) -> str:
        """Return the whole text; ModelError as `stream`."""
        return "".join(self.stream(prompt, values, seconds=seconds, most=most)).rpartition(FORGET)[2]

    def explained(self, error: Exception, *, began: bool = False) -> ModelError:
        """Return an error of the model's library as a ModelError in words; `began`: some text had come already."""
        return _explained(error, self.told(error), self.name, began=began)

    def told(self, said: object) -> str:
        """Return what the model or its library says on one line, without the secrets that a server may repeat."""
        return " ".join(hidden(str(said), self._secrets).split())

    def _waiting(self, written: queue.SimpleQueue, ends: float) -> tuple[list[str], str | Exception | None]:
        """Wait a moment for a piece; return all that have come, and how it ended (a text: it has not)."""
        pieces: list[str] = []
        item: str | Exception | None = ""
        try:
            item = written.get(timeout=max(0.0, min(SILENCE, ends - time.monotonic())))
            while isinstance(item, str):
                pieces.append(item)
                if time.monotonic() > ends:
                    raise queue.Empty
                item = written.get_nowait()
        except queue.Empty:
            if time.monotonic() >= ends:
                raise ModelError("slow", f"The language model {self.name!r} did not finish in time. Give it more: "
                                         "LINJIAN_MODEL_TIMEOUT=120") from None
            item = ""
        return pieces, item

    def _run(self, messages: list[BaseMessage], config: RunnableConfig | None, written: queue.SimpleQueue,
             stop: threading.Event) -> None:
        from langsmith import tracing_context

        ended: Exception | None = None
        try:
            # LANGSMITH_TRACING in the environment would send articles away.
            with tracing_context(enabled=False), closing(self.chat.stream(messages, config)) as pieces:
                for text in whole_characters(str(piece.text) for piece in pieces):
                    written.put(text)
                    if stop.is_set():
                        break
        except Exception as error:  # noqa: BLE001 - of any library: the thread that waits turns it into words
            # No traceback: its last line is what the server said, with the key in it if that was repeated.
            logger.info("the language model failed: %s: %s", type(error).__name__, self.told(error)[:1000])
            ended = error
        written.put(ended)


def open_model(model: str, *, name: str, key: str, timeout: float, passages: int = 6,
               threads: int = 0) -> LanguageModel | None:
    """Return the model that the settings name, None for the built-in answerer.

    `model` is "extractive", the URL of an OpenAI-compatible server, a GGUF file, or PROVIDER:MODEL as LangChain names them;
    `key` is "none", the key, or @FILE that holds it. Raises ModelError when the file, the extra or the provider's package is
    missing. The server is not asked yet.
    """
    if model == "extractive":
        return None
    if model.startswith(("http://", "https://")):
        chat = _connect(model, name, read_key(key, "model_key"), timeout)
        return LanguageModel(chat, name=name, timeout=timeout, passages=passages)
    path = Path(model).expanduser()
    if path.suffix.lower() != ".gguf":
        if not PROVIDED.fullmatch(model):
            raise ModelError("unknown", f"model cannot be {masked(model)!r}: it is extractive, a URL like "
                                        "http://127.0.0.1:8080/v1, a .gguf file, or PROVIDER:MODEL like ollama:qwen3. "
                                        "All settings: linjian config")
        chat = _provided(model, read_key(key, "model_key"), timeout)
        return LanguageModel(chat, name=model, timeout=timeout, passages=passages)
    server, secret = _serve_gguf(path, threads)
    chat = _connect(f"{server.listening_address}/v1", path.stem, secret, timeout)
    return LanguageModel(chat, name=path.stem, timeout=timeout, passages=passages, server=server)


def _explained(error: Exception, said: str, name: str, *, began: bool) -> ModelError:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    said = said[:200]
    if kinds & {"APITimeoutError", "TimeoutError", "TimeoutException"}:
        return ModelError("slow", f"The language model {name!r} did not answer in time. "
                                  "Give it more: LINJIAN_MODEL_TIMEOUT=120")
    if status in REDIRECTS:
        return ModelError("broken", f"The language model's server sends us elsewhere ({status}); no redirect is followed. "
                                    "Set LINJIAN_MODEL to the server's own address.")
    if status in (401, 403):
        return ModelError("key", f"The language model's server did not accept the key ({status}). Set LINJIAN_MODEL_KEY, "
                                 "to the key or to @FILE.")
    if status == 404:
        return ModelError("unknown", f"The server knows no model {name!r}, or the URL lacks its /v1 (404). "
                                     "See: linjian model check")
    if status in (400, 413, 422) and re.search(r"context|too long|maximum|n_ctx|tokens", said, re.I):
        return ModelError("context", f"The prompt does not fit the context of {name!r} ({said}). Show it fewer passages: "
                                     "LINJIAN_MODEL_PASSAGES=2")
    if began:
        return ModelError("broken", f"The language model {name!r} failed half-way: {said or type(error).__name__}.")
    if status is None and kinds & {"APIConnectionError", "ConnectionError", "ConnectError"}:
        return ModelError("down", f"The server of the language model {name!r} cannot be reached. Is it started, and is "
                                  "LINJIAN_MODEL right?")
    return ModelError("broken", f"The language model {name!r} failed: {said or type(error).__name__}.")


def _connect(url: str, name: str, key: str, timeout: float) -> BaseChatModel:
    from langchain.chat_models import init_chat_model
    from openai import DefaultHttpxClient

    try:
        # A redirect would carry key and articles to an address that nobody configured.
        client = DefaultHttpxClient(trust_env=not is_local(url), follow_redirects=False, timeout=timeout)
        # One connection an answer: a kept one would be left open when its model goes, and saves a millisecond in seconds.
        return init_chat_model(
            name, model_provider="openai", base_url=url, api_key=key, http_client=client, use_responses_api=False,
            default_headers={"Connection": "close"}, timeout=timeout, max_retries=0, temperature=0.0, stream_usage=False,
            extra_body={"max_tokens": MOST_TOKENS})  # the name that every server knows
    except Exception:  # noqa: BLE001 - of the library that reads addresses; it may quote a part of the password
        raise ModelError("unknown", f"model is no address that can be asked: {masked(url)!r}. {PASSWORD_IN_ADDRESS} "
                                    "See: linjian config") from None


def _provided(model: str, key: str, timeout: float) -> BaseChatModel:
    """Return the model of one of LangChain's providers; ModelError says what is missing.

    It follows no redirect where its class lets us say so: by a client of ours (OpenAI, what is built on it, Groq), or by
    what it gives to its own (Ollama).
    """
    from langchain.chat_models import init_chat_model

    given = {"temperature": 0.0} | ({} if key == "none" else {"api_key": key})
    try:
        chat = init_chat_model(model, **given)
        fields = type(chat).model_fields
        if "http_client" in fields:
            client = _client_class(chat)(follow_redirects=False, timeout=timeout)
            return init_chat_model(model, **given, http_client=client)
        if "client_kwargs" in fields:
            return init_chat_model(model, **given, client_kwargs={"follow_redirects": False})
        return chat
    except ImportError as error:
        package = str(getattr(error.__cause__, "name", "") or f"langchain-{model.partition(':')[0]}").replace("_", "-")
        raise ModelError("unknown", f"The model {model!r} needs the package {package}. Install it: "
                                    f"pip install {package}") from None
    except Exception as error:  # noqa: BLE001 - each provider's own, a key that is missing above all
        said = " ".join(hidden(str(error), [key]).split())[:300]
        raise ModelError("unknown", f"The model {model!r} cannot be opened: {said} Settings: model, model_key.") from None


def _client_class(chat: BaseChatModel) -> type:
    """Return the class of HTTP client that a provider's library takes: OpenAI's has its own."""
    from langchain_openai.chat_models.base import BaseChatOpenAI

    if isinstance(chat, BaseChatOpenAI):
        from openai import DefaultHttpxClient as Client
    else:
        from httpx import Client
    return Client


def _secrets_of(chat: BaseChatModel) -> set[str]:
    """Return the keys and passwords that a chat model holds, also those that its library took from the environment."""
    from pydantic import SecretStr

    held = vars(chat).values()
    keys = {value.get_secret_value() for value in held if isinstance(value, SecretStr)}
    return keys.union(*(secrets_in(value) for value in held if isinstance(value, str)))


def _serve_gguf(path: Path, threads: int) -> tuple[Any, str]:
    """Serve a GGUF file in this process, on loopback, with a key that only we know; return server and key."""
    if not path.is_file():
        raise ModelError("unknown", f"There is no file {str(path)!r}. Correct the setting model.")
    try:
        import xllamacpp
    except ImportError:
        raise ModelError("unknown", "A .gguf file needs the extra gguf. Install it: pip install 'linjian[gguf]'") from None
    key = secrets.token_hex(16)
    given = xllamacpp.CommonParams()
    given.model.path = str(path)
    given.hostnames, given.port, given.api_keys = ["127.0.0.1"], 0, [key]
    given.n_ctx, given.n_parallel, given.offline = CONTEXT, 1, True
    if threads:
        given.cpuparams.n_threads = given.cpuparams_batch.n_threads = threads
    try:
        server = xllamacpp.Server(given)
    except RuntimeError as error:
        raise ModelError("broken", f"{str(path)!r} cannot be served: {error}.") from error
    return server, key

