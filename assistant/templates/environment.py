"""Jinja for every page: all that is filled in is escaped, and a name that does not exist is an error.

Line breaks beside a tag or a block lay out the template only: the page has none, so that they are no gaps between buttons.
"""

from __future__ import annotations

import html
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup

_TEMPLATE_CHARACTERS = str.maketrans({character: f"&#{ord(character)};" for character in "${}`\\"})
_LAYOUT = re.compile(r"(?<=[>}])[ \t]*\n\s*|\n\s*(?=[<{])")


class _WithoutLayout(Extension):
    """Take the line breaks beside tags out of a template's source."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _LAYOUT.sub("", source)


def escape(text: str) -> str:
    """Return `text` as HTML, also safe inside a template that knows ${…} or {{…}} (Gradio evaluates such)."""
    return html.escape(text, quote=True).translate(_TEMPLATE_CHARACTERS)


def visible(text: str) -> str:
    """Return `text` with what cannot be seen, or turns the direction of writing, as \\u….

    The librarian's page shows names that others have chosen.
    """
    return "".join(c if c.isprintable() or c in "\n\u3000" else f"\\u{ord(c):04x}" for c in text)


@pass_context
def _filled_in(context: Context, value: Any) -> Markup:
    if hasattr(value, "__html__"):
        return value
    return Markup(escape(visible(str(value)) if str(context.name).startswith("librarian/") else str(value)))


_ENVIRONMENT = Environment(loader=PackageLoader("assistant"), extensions=[_WithoutLayout], undefined=StrictUndefined,
                           autoescape=True, finalize=_filled_in)
_ENVIRONMENT.filters["one_line"] = lambda text: " ".join(text.split())
_ENVIRONMENT.filters["minute"] = lambda time: time[:16].replace("T", " ")


def render(template: str, **values: Any) -> str:
    """Return a template, named by its path in this folder, with the values filled in; UndefinedError names a missing one.

    What is to be filled into another template, unescaped, is made `Markup` by the caller.
    """
    return _ENVIRONMENT.get_template(template).render(values)
