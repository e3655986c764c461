"""Serve an application that says "here" to everybody, with few file handles: `python tests/fakes/serve_small.py PORT HANDLES`.

Its clients have two seconds for a request; its log is the server's.
"""

import resource
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2]))

from starlette.responses import PlainTextResponse

from assistant.operations.logs import set_up
from assistant.server.serve import serve

if __name__ == "__main__":
    port, handles = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))
    set_up("json")
    serve(lambda: SimpleNamespace(app=PlainTextResponse("here"), proxies=(), end_idle_streams=lambda: None),
          host="127.0.0.1", port=port, patience=2.0)
