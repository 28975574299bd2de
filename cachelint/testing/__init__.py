"""The testing room: a simulator of Claude's prompt cache, a stand-in for the Messages API, and the pytest plugin.

    from cachelint.testing import ApiServer, ManualClock, PromptCache

Nothing here touches the network beyond the loopback interface, and nothing is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cachelint.testing.answers import Answer, Failure, Script, echo, fail, say, use_tool
    from cachelint.testing.api import Call, MessagesApi
    from cachelint.testing.cache import CacheUsage, PromptCache
    from cachelint.testing.clock import ManualClock, SystemClock
    from cachelint.testing.server import ApiServer

__all__ = [
    "Answer",
    "ApiServer",
    "CacheUsage",
    "Call",
    "Failure",
    "ManualClock",
    "MessagesApi",
    "PromptCache",
    "Script",
    "SystemClock",
    "echo",
    "fail",
    "say",
    "use_tool",
]

_MODULES = {
    "answers": ("Answer", "Failure", "Script", "echo", "fail", "say", "use_tool"),
    "api": ("Call", "MessagesApi"),
    "cache": ("CacheUsage", "PromptCache"),
    "clock": ("ManualClock", "SystemClock"),
    "server": ("ApiServer",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
