"""The bundled models of cases, for the encoder whose vectors they were fitted to."""

from __future__ import annotations

from functools import cache

from index.cases.case_vectors import CaseSpace
from index.cases.roles import RoleModel


@cache
def fitted_to(encoder: str) -> tuple[RoleModel | None, CaseSpace | None]:
    """Return the model of roles and the space of cases; None for an encoder of another name, which needs no weights."""
    roles, space = RoleModel.load(), CaseSpace.load()
    return roles if roles.encoder == encoder else None, space if space.encoder == encoder else None
