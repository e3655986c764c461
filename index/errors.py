"""Every error this project raises on purpose.

    LinjianError
    ├── ReadError       a file could not be read
    ├── EncoderError    the embedding model is missing or broken
    ├── MissingIndex    there is no index yet
    ├── StaleIndex      the index was built with another model
    ├── IndexLocked     another writer is at work
    └── NotFound        no such article or file

Each message is one a person can act on: it names the file or thing at fault and, where there is one,
the next command to type. Anything else that escapes is a bug and keeps its traceback.
"""


class LinjianError(Exception):
    """Seen by whoever runs a command or calls the API: the message is printed as it stands."""


class ReadError(LinjianError):
    """Seen by whoever adds files: a file is unreadable, in an unknown encoding or malformed."""


class EncoderError(LinjianError):
    """Seen by whoever indexes or searches: the embedding model is missing, broken or unknown."""


class MissingIndex(LinjianError):
    """Seen by whoever searches before anything was indexed, or points at the wrong folder."""


class StaleIndex(LinjianError):
    """Seen by whoever searches or adds to an index that was built with another model."""


class IndexLocked(LinjianError):
    """Seen by whoever indexes while another process is writing to the same index."""


class NotFound(LinjianError):
    """Seen by whoever asks for an article or file that the index does not hold."""
