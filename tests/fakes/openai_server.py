"""A real server with the OpenAI protocol, on loopback, whose model writes what a test tells it to: `with serving() as
server:`."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

REWRITING = ("改写", "Rewrite")


@dataclass(frozen=True, slots=True)
class Script:
    """What the model writes: `pieces` are its tokens; a whole text is cut into single characters.

    `pause` seconds pass before each; `endless` repeats them; `fails` breaks the connection behind them ("cut") or sends an
    error ("event": `error`); a `status` other than 200 answers with `error`. `rewritten` is written to a request to complete a
    question. After `held` pieces, if that is a number, the model is silent until the server's `release`.
    """

    pieces: Sequence[str] = ()
    pause: float = 0.0
    held: int | None = None
    endless: bool = False
    fails: str = ""
    status: int = 200
    error: str = ""
    rewritten: str = ""
    models: Sequence[str] = ("scripted",)


@dataclass
class ScriptedServer:
    """Set `script` before asking; `requests` are the bodies that came, `key` is demanded when it is set."""

    url: str
    script: Script = field(default_factory=Script)
    requests: list[dict] = field(default_factory=list)
    key: str = ""
    gates: list[threading.Event] = field(default_factory=lambda: [threading.Event()])
    """What holds the model: the last one is the script's, the others are those of scripts that are still being played."""

    def plays(self, script: Script) -> None:
        self.script = script
        self.gates.append(threading.Event())
        self.requests.clear()

    def release(self) -> None:
        """Let all that are held go on, now and later."""
        for gate in self.gates:
            gate.set()


def _event(text: str, **rest: object) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None} | rest
    row = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    return f"data: {json.dumps(row)}\n\n"


def _stream(script: Script, gate: threading.Event) -> Iterator[str]:
    while True:
        for number, piece in enumerate(script.pieces):
            time.sleep(script.pause)
            if number == script.held:
                gate.wait()
            yield _event(piece)
        if not script.endless:
            break
    if script.fails == "event":
        yield f'data: {json.dumps({"error": {"message": script.error or "out of memory", "code": 500}})}\n\n'
    if script.fails == "cut":
        raise ConnectionAbortedError("the script says so")
    yield _event("", finish_reason="stop")
    yield "data: [DONE]\n\n"


def build(server: ScriptedServer) -> FastAPI:
    """Return the application: /v1/models and /v1/chat/completions."""
    app = FastAPI()

    def refused(request: Request) -> Response | None:
        if server.key and request.headers.get("authorization") != f"Bearer {server.key}":
            return JSONResponse({"error": {"message": "Invalid API Key"}}, status_code=401)
        return None

    @app.get("/v1/models")
    def models(request: Request) -> Response:
        rows = [{"id": name, "object": "model", "created": 1, "owned_by": "us"} for name in server.script.models]
        return refused(request) or JSONResponse({"object": "list", "data": rows})

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body, script = await request.json(), server.script
        server.requests.append(body)
        wrong = refused(request)
        if wrong or script.status != 200:
            return wrong or JSONResponse({"error": {"message": script.error}}, status_code=script.status)
        if body["messages"][0]["content"].startswith(REWRITING) or "改写" in body["messages"][0]["content"]:
            script = Script([script.rewritten])
        return StreamingResponse(_stream(script, server.gates[-1]), media_type="text/event-stream")

    return app


class _Quiet(uvicorn.Server):
    """Tells when it is up, without anybody having to ask again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def serving(script: Script | None = None, key: str = "") -> Iterator[ScriptedServer]:
    """Serve on a free port of this machine until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = ScriptedServer(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", script or Script(), key=key)
    config = uvicorn.Config(build(server), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    runs = _Quiet(config)
    thread = threading.Thread(target=runs.run, args=([listening],), daemon=True)
    thread.start()
    assert runs.up.wait(20), "the server did not start"
    try:
        yield server
    finally:
        server.release()
        runs.should_exit = True
        thread.join(20)
        listening.close()


def text(written: str, **rest: object) -> Script:
    """Return a script that writes a text character by character."""
    return replace(Script(tuple(written)), **rest)
