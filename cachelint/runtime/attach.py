"""Attaches an observer to a client: by middleware where the SDK has it, by the HTTP client's hooks where it has not."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from cachelint.runtime import legacy_hooks
from cachelint.runtime.endpoint import platform_of_client, platform_of_host
from cachelint.runtime.observer import Observer

_logger = logging.getLogger("cachelint")

_MIDDLEWARE = "_middleware"
_BUILD_CHAIN = "_build_middleware_chain"
_CHAIN = "_middleware_chain"


def attach(client: Any, observer: Observer) -> Any:
    """Has `observer` see what `client` is answered; returns the client, changed in place.

    An SDK whose internals have changed gets a copy made by its public `with_middleware`, and a warning that says so.
    Raises TypeError for an object that is not a client of the anthropic SDK.
    """
    if all(hasattr(client, name) for name in (_MIDDLEWARE, _BUILD_CHAIN, _CHAIN)):
        setattr(client, _MIDDLEWARE, innermost(getattr(client, _MIDDLEWARE), observer, type(client), client.base_url))
        setattr(client, _CHAIN, getattr(client, _BUILD_CHAIN)())
        return client
    if hasattr(client, "with_middleware"):
        _logger.warning(
            "This anthropic SDK is newer than cachelint knows: only the client that `track` returns is logged."
        )
        return client.with_middleware(*innermost((), observer, type(client), None))
    if legacy_hooks.can_hook(client):
        legacy_hooks.hook(client, observer)
        return client
    kind = f"{type(client).__module__}.{type(client).__qualname__}"
    raise TypeError(f"cachelint can track clients of the anthropic SDK 0.75 and later, not {kind}")


def innermost(present: Any, observer: Observer, client_class: type, base_url: Any) -> tuple[Any, ...]:
    """A client's middleware with ours in the last place, nearest to the network, once. `base_url`: None if unknown."""
    from cachelint.runtime.middleware import CacheMiddleware

    others = [entry for entry in present or () if not isinstance(entry, CacheMiddleware)]
    platform = platform_of_client(client_class)
    if platform is None and base_url is not None:
        platform = platform_of_host(urlsplit(str(base_url)).hostname or "")
    return (*others, CacheMiddleware.of(observer, platform))
