"""Small stand-ins written by hand, files of every format, and servers of them to be started."""

__all__: list[str] = []
