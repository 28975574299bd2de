"""Calls objects back in the child of a fork, without keeping them alive."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any

_callbacks: list[weakref.WeakMethod[Callable[[], Any]]] = []


def after_fork(method: Callable[[], Any]) -> None:
    """Has `method`, bound to an object, called in the child of every fork for as long as its object lives."""
    _callbacks[:] = [callback for callback in _callbacks if callback() is not None]
    _callbacks.append(weakref.WeakMethod(method))


def _in_child() -> None:
    for callback in _callbacks:
        method = callback()
        if method is not None:
            method()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
