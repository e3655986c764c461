"""Who calls, from where, and what they may do: one decision in front of every route."""

__all__ = [
    "access_denied",
    "accounts",
    "authorizer",
    "middleware",
    "rate_limits",
    "request",
    "routes",
    "rules",
    "security_headers",
    "sign_ins",
]
