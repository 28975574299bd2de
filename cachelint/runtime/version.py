"""The version of cachelint that writes the records; works without installation metadata, as under `cachelint run`."""

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("prompt-cachelint")
    except PackageNotFoundError:
        return "unknown"


__version__ = _installed_version()
