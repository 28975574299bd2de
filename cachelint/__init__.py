"""cachelint: finds what breaks Claude's prompt cache, in the source before it ships and in the usage log after.

    client = cachelint.track(anthropic.Anthropic())     log what one client is answered
    cachelint.install()                                 the same for every client made from now on
    with cachelint.session("ticket 4711"): ...          say which requests belong to one conversation

Everything is loaded on first use: importing cachelint costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cachelint.runtime.install import install, uninstall
    from cachelint.runtime.litellm_logger import LiteLLMLogger
    from cachelint.runtime.log import UsageLog
    from cachelint.runtime.middleware import CacheMiddleware
    from cachelint.runtime.sessions import session
    from cachelint.runtime.track import track
    from cachelint.runtime.version import __version__

__all__ = ["CacheMiddleware", "LiteLLMLogger", "UsageLog", "__version__", "install", "session", "track", "uninstall"]

_HOMES = {
    "CacheMiddleware": ("cachelint.runtime.middleware", "CacheMiddleware"),
    "LiteLLMLogger": ("cachelint.runtime.litellm_logger", "LiteLLMLogger"),
    "UsageLog": ("cachelint.runtime.log", "UsageLog"),
    "__version__": ("cachelint.runtime.version", "__version__"),
    "install": ("cachelint.runtime.install", "install"),
    "session": ("cachelint.runtime.sessions", "session"),
    "track": ("cachelint.runtime.track", "track"),
    "uninstall": ("cachelint.runtime.install", "uninstall"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
