"""Connections to language models: what works, and the words for what does not. Run: python -m pytest -q
tests/assistant/llm/test_model.py"""

import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from starlette.responses import RedirectResponse

import app
from assistant.llm.model import LanguageModel, open_model
from assistant.llm.model_check import check_model, server_models
from index.errors import ModelError
from prompts.prompt_loader import chat_prompt
from tests.fakes.live_server import running
from tests.fakes.openai_server import Script, ScriptedServer, serving, text

VALUES = {"passages": "[1] 甲", "question": "甲？"}
IDENTITY = "secret:password"
KEY = "sk-echoed-key"
READS = text("每户每月收15元。[1]")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with serving() as served:
        yield served


def connected(server: ScriptedServer, key: str = "none", timeout: float = 20) -> LanguageModel:
    model = open_model(server.url, name="scripted", key=key, timeout=timeout)
    assert model is not None
    return model


def test_it_works(server: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.plays(READS)
    assert check_model(connected(server)) == 0
    printed = capsys.readouterr().out
    assert "names scripted" in printed
    assert "it cites" in printed
    assert printed.endswith("It works.\n")
    assert {body["max_tokens"] for body in server.requests} == {1200}
    assert {body["temperature"] for body in server.requests} == {0.0}


@pytest.mark.parametrize(("script", "kind", "said"), [
    pytest.param(Script(status=404, error="no such model"), "unknown", "knows no model 'scripted'", id="unknown model"),
    pytest.param(Script(status=400, error="exceeds the available context size (512 tokens)"), "context", "MODEL_PASSAGES", id="context"),
    pytest.param(Script(status=500, error="CUDA error"), "broken", "CUDA error", id="server in trouble"),
    pytest.param(text("@#%^&*"), "unsupported", "does not read", id="garbage"),
    pytest.param(Script(), "empty", "wrote nothing", id="empty"),
    pytest.param(Script(("甲乙丙" * 50,), endless=True), "long", "more than 6000 characters", id="endless"),
    pytest.param(text("十五元", pause=1.5), "slow", "LINJIAN_MODEL_TIMEOUT", id="slow"),
    pytest.param(text("十五", fails="cut"), "broken", "half-way", id="cut"),
])
def test_what_is_wrong_is_said(server: ScriptedServer, script: Script, kind: str, said: str) -> None:
    server.plays(script)
    with pytest.raises(ModelError, match=said) as caught:
        check_model(connected(server, timeout=2 if kind == "slow" else 20))
    assert caught.value.kind == kind


def test_nobody_listens() -> None:
    model = open_model("http://127.0.0.1:9/v1", name="m", key="none", timeout=5)
    with pytest.raises(ModelError, match="cannot be reached") as caught:
        check_model(model)
    assert caught.value.kind == "down"


def test_the_key_is_sent_and_never_told(server: ScriptedServer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server.plays(READS)
    server.key = "sk-secret-1"
    (tmp_path / "key").write_text("sk-secret-1\n", "utf-8")
    try:
        for key in ("sk-secret-1", f"@{tmp_path / 'key'}"):
            assert check_model(connected(server, key)) == 0
        with caplog.at_level("INFO"), pytest.raises(ModelError, match="did not accept the key") as caught:
            list(connected(server, "sk-wrong-2").stream(chat_prompt("answer", "zh"), VALUES))
    finally:
        server.key = ""
    assert caught.value.kind == "key"
    assert "sk-" not in caplog.text + str(caught.value)


@pytest.mark.parametrize(("model", "said"), [
    ("/nowhere/x.gguf", "no file"), ("gpt-9", "URL like"), ("nobody:gpt-9", "nobody:gpt-9.*cannot be opened"),
    ("ollama:qwen3", "pip install langchain-ollama"), ("deepseek:deepseek-chat", "pip install langchain-deepseek")])
def test_a_wrong_model_is_named(model: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        open_model(model, name="x", key="none", timeout=5)


def test_a_model_of_a_provider_is_opened_with_its_key() -> None:
    model = open_model("openai:gpt-9", name="default", key="sk-secret", timeout=5)
    assert (model.name, model.chat.model_name, model.chat.temperature) == ("openai:gpt-9", "gpt-9", 0.0)
    assert model.chat.openai_api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in repr(model.chat)


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("provider", ["", "openai:gpt-9"], ids=["address", "provider"])
def test_no_redirect_is_followed(server: ScriptedServer, provider: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would carry the key and what the articles say to an address that nobody configured."""
    server.plays(READS)
    for path in ("chat/completions", "models"):
        with running(RedirectResponse(f"{server.url}/{path}", status)) as url:
            monkeypatch.setenv("OPENAI_API_BASE", f"{url}/v1")
            model = open_model(provider or f"{url}/v1", name="m", key="sk-secret", timeout=20)
            with pytest.raises(ModelError, match=f"elsewhere \\({status}\\)"):
                server_models(model) if path == "models" else list(model.stream(chat_prompt("answer", "zh"), VALUES))
            model.chat.http_client.close()
    assert server.requests == []


def test_a_provider_with_a_client_of_its_own_is_told_to_follow_no_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(FakeListChatModel):
        client_kwargs: dict[str, object] | None = None  # as langchain-ollama has it

    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda _, temperature, **given: Own(responses=[], **given))
    assert open_model("ollama:qwen3", name="default", key="none", timeout=5).chat.client_kwargs == {"follow_redirects": False}


@pytest.mark.parametrize("script", [
    Script(status=400, error=f"context too long for Bearer {KEY}"), Script(status=500, error="x" * 140 + KEY),
    Script(status=422, error=f"c2VjcmV0OnBhc3N3b3Jk {IDENTITY}"), text("十五元", fails="event", error=f"no {KEY}"),
], ids=["400", "500, cut", "password", "half-way"])
@pytest.mark.parametrize("provider", ["", "openai:gpt-9"], ids=["address", "provider"])
def test_a_secret_that_the_server_repeats_is_not_told(server: ScriptedServer, provider: str, script: Script,
                                                      monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    server.plays(script)
    address = server.url.replace("://", f"://{IDENTITY}@")
    monkeypatch.setenv("OPENAI_API_BASE", address)  # of a provider both may come from there
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = open_model(provider or address, name="m", key="none" if provider else KEY, timeout=20)
    with caplog.at_level("INFO", "assistant"), pytest.raises(ModelError) as caught:
        list(model.stream(chat_prompt("answer", "zh"), VALUES))
    model.chat.http_client.close()
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (KEY[:4], KEY[-4:], "password", "c2VjcmV0") if secret in told]
    assert "the language model failed" in told


@pytest.mark.parametrize("model", ["http://me:pass/wort@127.0.0.1:9/v1", "//me:passwort@127.0.0.1:9/v1"])
def test_a_password_in_an_address_that_cannot_be_asked_is_not_told(model: str) -> None:
    with pytest.raises(ModelError, match="model") as caught:
        open_model(model, name="x", key="none", timeout=5)
    told = "".join(traceback.format_exception(caught.value))
    assert ("127.0.0.1:9" in told, "pass/" in told, "wort" in told) == (True, False, False)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="keyfile"):
        open_model("http://127.0.0.1:9/v1", name="x", key=f"@{tmp_path / 'keyfile'}", timeout=5)


def test_any_chat_model_of_langchain_will_do() -> None:
    model = LanguageModel(FakeListChatModel(responses=["每户15元。[1]"]), name="fake")
    assert "".join(model.stream(chat_prompt("answer", "zh"), VALUES)) == "每户15元。[1]"


def test_tracing_stays_off(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """LANGSMITH_TRACING would send every prompt to another server; here to ours, which would count it."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", "x")
    seen: list[bool] = []

    class Watching(FakeListChatModel):
        def _stream(self, *args: object, **rest: object) -> Iterator:
            from langsmith.utils import tracing_is_enabled

            seen.append(tracing_is_enabled())
            yield from super()._stream(*args, **rest)

    list(LanguageModel(Watching(responses=["甲"]), name="w").stream(chat_prompt("answer", "zh"), VALUES))
    assert seen == [False]


def test_while_the_model_is_silent_its_reader_has_the_word(server: ScriptedServer) -> None:
    server.plays(Script(("甲", "乙"), held=1))
    stream = connected(server).stream(chat_prompt("answer", "zh"), VALUES)
    assert next(piece for piece in stream if piece) == "甲"
    assert next(stream) == ""
    server.release()
    assert "".join(stream) == "乙"


def test_a_reader_who_leaves_ends_the_model(server: ScriptedServer) -> None:
    server.plays(Script(("甲",), endless=True, pause=0.01))
    stream = connected(server).stream(chat_prompt("answer", "zh"), VALUES)
    next(stream)
    started = time.monotonic()
    stream.close()
    assert time.monotonic() - started < 5


def test_the_command_without_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))
    monkeypatch.delenv("LINJIAN_MODEL", raising=False)
    assert app.main(["model", "check"]) == 0
    assert "No language model is set" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LINJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("LINJIAN_MODEL", "http://127.0.0.1:9/v1")
    assert app.main(["model", "check"]) == 1
    assert "cannot be reached" in capsys.readouterr().err
