"""Imported by Python as it starts under `cachelint run`: installs the shim, then gives way to the user's own module.

Runs in whatever environment the program uses. If cachelint is not installed there, it is found beside this file; the
shim needs nothing else.
"""

import importlib.util
import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_LIBRARY = os.path.dirname(os.path.dirname(os.path.dirname(_FOLDER)))


def _install() -> None:
    added = importlib.util.find_spec("cachelint") is None
    if added:
        sys.path.append(_LIBRARY)
    from cachelint.runtime.startup import install_if_asked

    install_if_asked()


def _give_way() -> None:
    """Runs the `sitecustomize` that this one stands in front of, if there is one."""
    from importlib.machinery import PathFinder

    others = [path for path in sys.path if os.path.abspath(path or os.curdir) != _FOLDER]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    _install()
except Exception as error:
    sys.stderr.write(f"cachelint: this program is not logged: {type(error).__name__}: {error}\n")
_give_way()
