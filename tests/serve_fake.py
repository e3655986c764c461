"""Serve the chat page with the fake assistant: `python tests/serve_fake.py PORT [LANGUAGE]`."""

import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.web.chat import build_chat, launch_options
from tests.fakes_web import HOSTILE, FakeAssistant

EXAMPLES = ["老旧小区没有物业，其他社区是怎么管起来的？", "停车位不够，有哪些街道做过错时共享？", HOSTILE]

if __name__ == "__main__":
    page = build_chat(FakeAssistant(), examples=EXAMPLES, language=(sys.argv[2:] or ["zh"])[0])
    page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True, **launch_options())
