"""Every error this project raises on purpose.

    LinjianError
    ├── ReadError       a file could not be read
    │   └── FileError   a file that was to be indexed, with the reason as a code
    ├── EncoderError    the embedding model is missing or broken
    ├── MissingIndex    there is no index yet
    ├── StaleIndex      the index was built with another model or another release
    ├── DamagedIndex    a file of the index is broken
    ├── Unwritable      the index cannot be written: disk full, no permission
    ├── IndexLocked     another writer is at work
    ├── NotFound        no such article or file
    ├── RerankerError     the reranker of another server is down, slow or answers nonsense
    ├── WrongCorrection what a librarian says of an article cannot be
    └── ModelError      the language model is down, slow, refuses or writes nothing usable

Each message is one a person can act on: it names the file or thing at fault and, where there is one,
the next command to type. Anything else that escapes is a bug and keeps its traceback.
"""

from index.messages import FileProblem, Message


class LinjianError(Exception):
    """Seen by whoever runs a command or calls the API: the message is printed as it stands."""


class ReadError(LinjianError):
    """Seen by whoever adds files: a file is unreadable, in an unknown encoding or malformed."""


class FileError(ReadError):
    """Seen by whoever adds files: `message` is the reason as a code with values, for words in any language."""

    def __init__(self, problem: FileProblem, **values: object) -> None:
        self.message = Message(problem, values)
        super().__init__(str(self.message))


class EncoderError(LinjianError):
    """Seen by whoever indexes or searches: the embedding model is missing, broken or unknown."""


class MissingIndex(LinjianError):
    """Seen by whoever searches before anything was indexed, or points at the wrong folder."""


class StaleIndex(LinjianError):
    """Seen by whoever searches or adds to an index that was built with another model or release."""


class DamagedIndex(LinjianError):
    """Seen by whoever opens an index one of whose files is truncated or overwritten."""


class Unwritable(LinjianError):
    """Seen by whoever indexes onto a full disk or into a folder of somebody else."""


class IndexLocked(LinjianError):
    """Seen by whoever indexes while another process is writing to the same index."""


class NotFound(LinjianError):
    """Seen by whoever asks for an article or file that the index does not hold."""


class RerankerError(LinjianError):
    """Seen by whoever sets up a reranking server; a question is then answered as if there were no reranker, with a
    notice."""


class WrongCorrection(LinjianError):
    """Seen by whoever corrects an article; `field` cannot be `value`."""

    def __init__(self, field: str, value: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.value = field, value


class ModelError(LinjianError):
    """Seen by whoever sets up a language model; a reader of answers gets the built-in answer with a notice instead.

    `kind` is a key of the notices in `prompts/phrases.toml`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
