"""`install`: has every client of the process log what it is answered; `uninstall` ends that for clients made later."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from cachelint.runtime import guard, import_hook, legacy_hooks
from cachelint.runtime.attach import innermost
from cachelint.runtime.observer import Observer, observer_for
from cachelint.runtime.options import Capture, options

_MODULE = "anthropic._base_client"
_CLASSES = ("SyncAPIClient", "AsyncAPIClient")

_observer: Observer | None = None
_originals: dict[type, Callable[..., None]] = {}


def install(
    log: str | os.PathLike[str] | None = None,
    *,
    capture: Capture | None = None,
    diagnostics: bool | None = None,
    max_bytes: int | None = None,
) -> None:
    """Has every anthropic client made from now on write one line to the usage log for each response.

    Covers all platforms, copies, subclasses, and clients that frameworks make. The SDK need not be imported yet, and
    is not imported by this. Calling it again replaces the arguments. A client given to `track` keeps its own.

    The arguments are those of `track`.
    """
    global _observer
    _observer = observer_for(options(log, capture, diagnostics, max_bytes))
    if _MODULE in sys.modules:
        _wrap_constructors(sys.modules[_MODULE])
    else:
        import_hook.when_imported(_MODULE, _wrap_constructors)


def uninstall() -> None:
    """Undoes `install`. Clients made in the meantime stay as they are."""
    global _observer
    _observer = None
    import_hook.forget(_MODULE)
    for client_class, original in list(_originals.items()):
        if getattr(vars(client_class)["__init__"], "__wrapped__", None) is original:
            client_class.__init__ = original  # type: ignore[misc]
            del _originals[client_class]


def _wrap_constructors(module: ModuleType) -> None:
    for name in _CLASSES:
        client_class = getattr(module, name)
        if client_class not in _originals:
            _originals[client_class] = original = client_class.__init__
            client_class.__init__ = _tracking(original)


def _tracking(original: Callable[..., None]) -> Callable[..., None]:
    """The constructor that also attaches the observer, while there is one."""
    has_middleware = "middleware" in inspect.signature(original).parameters

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if has_middleware:
            _add_middleware(type(self), kwargs)
        original(self, *args, **kwargs)
        if not has_middleware:
            _add_hook(self)

    return __init__


def _add_middleware(client_class: type, arguments: dict[str, Any]) -> None:
    try:
        present = tuple(arguments.get("middleware") or ())
        arguments["middleware"] = present
        if _observer is not None:
            observer = _own_observer(present) or _observer
            arguments["middleware"] = innermost(present, observer, client_class, arguments.get("base_url"))
    except Exception as error:
        guard.report(error)


def _own_observer(present: tuple[Any, ...]) -> Observer | None:
    """That of a client that was given to `track`, of which this is a copy."""
    from cachelint.runtime.middleware import CacheMiddleware

    return next((entry.observer for entry in present if isinstance(entry, CacheMiddleware)), None)


def _add_hook(client: Any) -> None:
    try:
        if _observer is not None and not legacy_hooks.is_hooked(client):
            legacy_hooks.hook(client, _observer)
    except Exception as error:
        guard.report(error)
