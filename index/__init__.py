"""index: files -> articles -> passages -> search; imports nothing of ours."""
