"""Fixed texts written to disk: in the file's own encoding, and whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import tokenize
from pathlib import Path

from cachelint.errors import InputError


def write_fixed(path: Path, text: str, original: str) -> bool:
    """Replace the content of `path` by `text`; False when it no longer holds `original`.

    Encoding and byte order mark stay. A link is followed. The file is never half-written: a reader sees the old
    content or the new.

    Raises:
        InputError: when it cannot be written.
    """
    path = path.resolve()
    try:
        raw = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        if raw.decode(encoding) != original:
            return False
        _replace(path, text.encode(encoding))
    except (SyntaxError, UnicodeError):
        return False
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    return True


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
