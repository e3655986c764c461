"""What other programs talk to: REST under /api/v1, an OpenAI-compatible model under /v1, MCP tools under /mcp."""
