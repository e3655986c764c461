"""The API against its own OpenAPI document, and the document's page. Run: python -m pytest -q
tests/assistant/api/test_api_reference.py

Here a few cases for each route are tried; `python -m tests.fakes.fuzz_api 300` tries some thousands.
"""

import re
from pathlib import Path

import pytest

from assistant.api.api_reference import document, reference
from tests.fakes.api_server import serving
from tests.fakes.fuzz_api import fuzz

ROOT = Path(__file__).parents[3]


@pytest.mark.process
def test_schemathesis_finds_no_error_and_no_violation(letters_home: Path) -> None:
    with serving(letters_home, line=50) as api:
        ran = fuzz(api.url, 3, seed=1, phases="examples,fuzzing")
    assert ran.returncode == 0, ran.stdout
    assert int(re.search(r"(\d+) generated", ran.stdout)[1]) > 20, ran.stdout


def test_every_route_declares_its_errors_as_problems_and_shows_an_example() -> None:
    made = document()
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            errors = {status: one for status, one in operation["responses"].items() if int(status) >= 400}
            assert {"403"} <= set(errors), path
            assert all(list(one["content"]) == ["application/problem+json"] for one in errors.values()), path
            if method == "post" and "feedback" not in path:
                name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert made["components"]["schemas"][name]["examples"], name


def test_the_page_is_made_from_the_document() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert page == reference(document()), "make it: python -m assistant.api.api_reference > docs/api.md"
