"""The house: which room may know which, how a room looks, and what nobody may use. Each test names all that offends.

Run: python -m pytest -q tests/test_layers.py
"""

import ast
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORDER = (
    # prompts and the index know nothing of ours
    "prompts",
    "index.types",
    "index.text",
    "index.messages",
    "index.errors",
    "index.progress",
    "index.sqlite",
    "index.files.formats",
    "index.files",
    "index.pages",
    "index.embedding",
    "index.cases",
    "index.catalog",
    "index.search",
    "index.maintenance",
    "index.ingest",
    # the assistant: from the question to the answer
    "assistant.locales",
    "assistant.templates",
    "assistant.types",
    "assistant.settings",
    "assistant.weights",
    "assistant.question",
    "assistant.evidence",
    "assistant.answer",
    "assistant.verify",
    "assistant.llm",
    "assistant.steps",
    "assistant.assistant",
    # what every channel needs
    "assistant.service",
    "assistant.integrations.langchain",
    "assistant.integrations",
    "assistant.auth.accounts",
    "assistant.auth",
    "assistant.storage",
    "assistant.export",
    "assistant.operations",
    "assistant.casebook",
    # the channels
    "assistant.api",
    "assistant.chat.gradio_fixes",
    "assistant.chat.views",
    "assistant.chat.state",
    "assistant.chat",
    "assistant.librarian",
    "assistant.widget",
    "assistant.server",
    "assistant.commands",
    # the evaluation
    "eval.datasets",
    "eval.metrics",
    "eval.run",
    "eval.report",
    "eval.training",
    "eval.claims",
    "eval.fit",
    "eval.components",
    "eval.baselines",
    "eval.load_test",
    "eval.commands",
    # the command line
    "app",
)
"""From the ground up: a room may import those before it and itself. What lies flat in a package is named by itself."""
MOST_MODULES = 12
MOST_LINES = 300
EVERYWHERE = {"__main__", "commands", "routes", "types"}
"""Module names that mean the same in each room: its start, its commands, its HTTP routes, its nouns."""
OWED: frozenset[str] = frozenset()
"""What offends today and is to be mended, line by line; nothing may be added."""
PACKAGES = ("assistant", "eval", "index", "prompts")
OURS = {*PACKAGES, "app", "tests"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
SETTINGS = ("app.py", "assistant/commands/")
"""Where settings and the environment are read."""


def none(offending: Iterable[str]) -> None:
    """Fail with everything that offends, a line each."""
    listed = sorted(set(offending) - OWED)
    assert not listed, "\n" + "\n".join(listed)


def tracked(*patterns: str) -> list[str]:
    return sorted(subprocess.check_output(["git", "ls-files", *patterns], cwd=ROOT, text=True).splitlines())


FILES = [path for path in tracked("*.py") if path.split("/")[0] in PACKAGES]
INITS = [path for path in FILES if path.endswith("__init__.py")]


@cache
def parse(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), path)


def imports(path: str) -> set[str]:
    """Return the dotted names that a file imports anywhere; `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import, line {node.lineno}"
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room_of(module: str) -> str:
    """Return the innermost room of `ORDER` that a module or what it defines is in; "" when it has none."""
    return max((room for room in ORDER if f"{module}.".startswith(f"{room}.")), key=len, default="")


def arrows() -> Iterator[tuple[str, str]]:
    """Return module -> module for everything of ours that is imported, rooms themselves left out."""
    modules = {module_of(path) for path in FILES} - {module_of(path) for path in INITS} | {"app"}
    for path in [*FILES, "app.py"]:
        for name in imports(path) & modules:
            yield module_of(path), name


def test_a_room_imports_only_rooms_before_it() -> None:
    none(f"{module_of(path)} has no place in ORDER" for path in FILES if path not in INITS and not room_of(module_of(path)))
    known = list(arrows())
    assert len(known) > 500
    none(f"{one} -> {other}" for one, other in known if ORDER.index(room_of(other)) > ORDER.index(room_of(one)))


def test_a_room_has_at_most_twelve_modules_and_none_lies_flat() -> None:
    rooms = defaultdict(list)
    for path in FILES:
        if path not in INITS:
            rooms[path.rpartition("/")[0]].append(path)
    none(f"{room} has {len(inside)}" for room, inside in rooms.items() if len(inside) > MOST_MODULES)
    flat = {module_of(path) for package in PACKAGES for path in rooms[package]} - {"prompts.prompt_loader"}
    none(flat - set(ORDER))


def test_a_room_opens_with_one_line_and_lists_what_is_in_it() -> None:
    offending = []
    for path in INITS:
        folder = (ROOT / path).parent
        inside = {child.stem if child.is_file() else child.name for child in folder.iterdir()
                  if child.suffix == ".py" and not child.stem.startswith("__") or (child / "__init__.py").is_file()}
        match parse(path).body:
            case [ast.Expr(ast.Constant(str(line))), ast.Assign([ast.Name("__all__")], ast.List(listed))]:
                if "\n" in line or {ast.literal_eval(name) for name in listed} != inside:
                    offending.append(path)
            case _:
                offending.append(path)
    none(offending)


def test_no_class_and_no_module_name_means_two_things() -> None:
    classes, modules = defaultdict(set), defaultdict(set)
    for path in [*FILES, "app.py"]:
        module = module_of(path)
        parts = module.split(".")
        if parts[-1] not in EVERYWHERE and parts[-2:-1] != parts[-1:]:  # index.catalog.catalog is the catalog
            modules[parts[-1]].add(module)
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef):
                classes[node.name].add(module)
    none(f"{name}: {', '.join(sorted(where))}" for found in (classes, modules) for name, where in found.items() if len(where) > 1)


def test_what_nobody_may_use() -> None:
    offending = []
    for path in [*FILES, "app.py"]:
        names = imports(path)
        if path.startswith("index/"):
            offending += [f"{path}: {top}" for top in tops(names) if top.startswith(("gradio", "langchain", "prompts"))]
        offending += [f"{path}: {top}" for top in tops(names) & PICKLES]
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.keyword) and str(node.arg).startswith(("allow_dangerous", "allow_pickle")):
                if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                    offending.append(f"{path}: {node.arg}, line {node.value.lineno}")
            elif not path.startswith(SETTINGS) and isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
                offending.append(f"{path}: {node.attr}, line {node.lineno}")
        if not path.startswith(SETTINGS) and ("assistant.settings" in names or {f"os.{name}" for name in ENVIRONMENT} & names):
            offending.append(f"{path}: settings and environment are read in app.py and the commands alone")
    none(offending)


STILL_LONG = {
    "assistant/widget/static/panel.js", "tests/assistant/auth/test_authorizer.py", "tests/assistant/chat/test_views.py",
    "tests/assistant/commands/test_ask_command.py", "tests/assistant/operations/test_operations.py", "tests/assistant/storage/test_conversations.py",
    "tests/browser/test_widget.py", "tests/eval/test_run_commands.py", "tests/index/ingest/test_corpus.py", "tests/index/ingest/test_lifecycle.py",
    "tests/index/pages/test_page_labels.py", "tests/system/test_backup.py",
}
"""Files that were longer when the limit came; one that has been split leaves the list, none comes to it."""


def test_no_file_is_long() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in tracked("*.py", "*.js", "*.css", "*.html")}
    long = {path for path, length in lengths.items() if length > MOST_LINES}
    none(f"{path} has more than {MOST_LINES} lines" for path in long - STILL_LONG)
    none(f"{path} is short now and need not be listed" for path in STILL_LONG - long)
