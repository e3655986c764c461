"""One framework in a process of its own: python -m eval.baselines.worker NAME TASK.json OUT.json

TASK.json  {"model": folder, "k": 10, "threads": 1, "passages": [[id, text], …], "questions": [[id, text], …]}
OUT.json   {"versions": {…}, "index_seconds": s, "index_cpu_seconds": s, "memory_mb": MB,
            "rankings": {question: [passage, …]}, "ms": {question: {"total": ms, "cpu": ms}}}
"""

from __future__ import annotations

import importlib
import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

CLASSES = {
    "haystack": "HaystackBaseline",
    "langchain": "LangChainBaseline",
    "llamaindex": "LlamaIndexBaseline",
    "txtai": "TxtaiBaseline",
}


def main(name: str, task_file: str, out_file: str) -> None:
    import torch

    task = json.loads(Path(task_file).read_text("utf-8"))
    torch.set_num_threads(task["threads"])
    module = importlib.import_module(f"eval.baselines.{name}_baseline")
    started = time.perf_counter(), time.process_time()
    rival = getattr(module, CLASSES[name])([tuple(passage) for passage in task["passages"]], task["model"], task["k"])
    indexed, indexed_cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    rankings, times = {}, {}
    rival.search("\u9884\u70ed")  # the first search loads what a running service has loaded
    for question, text in task["questions"]:
        asked, worked = time.perf_counter(), time.process_time()
        rankings[question] = rival.search(text)[: task["k"]]
        times[question] = {
            "total": round((time.perf_counter() - asked) * 1000, 2),
            "cpu": round((time.process_time() - worked) * 1000, 2),
        }
    per_mb = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    Path(out_file).write_text(
        json.dumps(
            {
                "versions": {
                    package: version(package) for package in (*module.Rival.packages, "torch", "sentence-transformers")
                },
                "index_seconds": round(indexed, 1),
                "index_cpu_seconds": round(indexed_cpu, 1),
                "rankings": rankings,
                "ms": times,
                "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb, 1),
            },
            ensure_ascii=False,
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
