"""Find the files at a path, load each, and know whether it must be read again."""

__all__ = ["discover", "file_state", "formats", "json_rows", "load", "sidecar"]
