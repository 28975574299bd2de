"""cachelint: finds what breaks Claude's prompt cache, in the source before it ships and in the usage log after."""

from importlib.metadata import version as _distribution_version

__version__ = _distribution_version("prompt-cachelint")
