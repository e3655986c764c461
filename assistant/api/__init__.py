"""What other programs talk to: REST under /api/v1, an OpenAI-compatible model under /v1, MCP tools under /mcp."""

__all__ = [
    "api_app",
    "api_reference",
    "body_limit",
    "case_shapes",
    "claim_verification",
    "mcp_tools",
    "openai_chat",
    "problems",
    "routes",
    "sse",
    "types",
]
