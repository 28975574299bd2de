"""The key of the fingerprints: kept per project, so that a log cannot be searched for texts that somebody guesses.

Fingerprints compare only under one key. It is a file beside the log, readable by its owner alone, and stays behind when
the log is copied elsewhere; a fleet that wants comparable logs sets `KEY_VARIABLE` to one secret for all its hosts.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from cachelint.runtime.location import make_folder

KEY_VARIABLE = "CACHELINT_KEY"
"""Environment variable with a secret from which the key is made, instead of the file."""

KEY_FILE = ".cachelint-key"
_BYTES = 32


def fingerprint_key(folder: Path) -> bytes:
    """The key for logs in `folder`: of the environment, else of its key file, which is created when there is none.

    Where no file can be read or written the key lasts as long as the process. Never raises.
    """
    secret = os.environ.get(KEY_VARIABLE)
    if secret:
        return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
    try:
        return _read(folder / KEY_FILE) or _create(folder / KEY_FILE)
    except OSError:
        return secrets.token_bytes(_BYTES)


def _read(path: Path) -> bytes | None:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return key if len(key) == _BYTES else None


def _create(path: Path) -> bytes:
    """Writes a new key. Of several processes that do so at once one wins, and all get its key."""
    make_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_hex(_BYTES).encode("ascii"))
        os.close(descriptor)
        if _read(path) is None and path.exists():
            os.replace(draft, path)
        else:
            _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return _read(path) or secrets.token_bytes(_BYTES)


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links.
        os.replace(draft, path)
