"""Environments, their loaders, and the templates that they give."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.analysis.library import paths
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    Constant,
    Made,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    constant_text,
    options_of,
    rebuilt,
)
from cachelint.analysis.variation import Variation

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.analysis.library.builtins import Model
    from cachelint.analysis.project import Module

ENVIRONMENT, TEMPLATE = "jinja2.Environment()", "jinja2.Template()"
WRITTEN_DOWN = "the template"
"""Stands for the file of a template that is no file."""


def made(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """An environment: `jinja2.Environment(loader=…)`."""
    loader = arguments.get(None, "loader")
    delimiters = any(name.endswith(("_start_string", "_end_string")) for name in arguments.named)
    parts: dict[str, tuple[Value, ...]] = {"globals": (Mapping(birth=state.branch),)}
    if loader is not None:
        parts["loader"] = (loader,)
    if delimiters or arguments.spread:
        parts["opaque"] = (Constant(True),)
    return Made(ENVIRONMENT, parts, (arguments.site,))


def loader(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """A loader, with what it is given."""
    return Made(f"jinja2.{callee.path.rpartition('.')[2]}()", {"given": tuple(arguments.positional)}, (arguments.site,))


def template(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """`jinja2.Template(text)`."""
    value = arguments.get(0, "source") or Symbol()
    return Made(TEMPLATE, {"text": (value,)}, (arguments.site,))


def call_method(state: State, receiver: Made, name: str, arguments: Arguments) -> Value | None:
    """What a method of an environment or a template returns; None when nothing is known of it."""
    if receiver.path == ENVIRONMENT and name in ("get_template", "select_template"):
        named = arguments.get(0, "name")
        return Made(TEMPLATE, {**receiver.parts, "name": (named,)} if named is not None else {}, receiver.sites)
    if receiver.path == ENVIRONMENT and name == "from_string":
        text = arguments.get(0, "source") or Symbol()
        return Made(TEMPLATE, {**receiver.parts, "text": (text,)}, (arguments.site,))
    if receiver.path == TEMPLATE and name in ("render", "render_async", "generate", "stream"):
        return _rendered(state, receiver, arguments)
    return None


def _rendered(state: State, receiver: Made, arguments: Arguments) -> Value | None:
    from cachelint.analysis.jinja.rendering import Rendering

    modules = _templates(state, receiver, arguments) if "opaque" not in receiver.parts else []
    if not modules:
        return None
    globals_known = receiver.parts.get("globals", ())

    def load(name: str) -> Module | None:
        return next(iter(_named(state, receiver, name, arguments.site.segment.module)), None)

    texts = []
    for module in modules:
        names = _names(globals_known, arguments)
        closed = not arguments.spread and all(isinstance(value, Mapping) for value in arguments.positional)
        with state.branching():
            text = Rendering(state, module, names, arguments.site, load, closed and not globals_known).text()
        texts.append(_placed(text, receiver.sites[-1]) if module.filename == WRITTEN_DOWN else text)
    return choice(texts)


def _placed(text: Value, site: Site) -> Value:
    """The text of a template that the program writes down: what varies in it enters where it does so."""

    def placed(variation: Variation) -> Variation:
        inside = variation.site.segment.module.filename == WRITTEN_DOWN
        return replace(variation, site=site) if inside else variation

    return rebuilt(text, placed)


def _names(globals_known: tuple[Value, ...], arguments: Arguments) -> dict[str, Value]:
    names: dict[str, Value] = {}
    for given in (*globals_known, *arguments.positional, *arguments.spread):
        for option in options_of(given):
            if isinstance(option, Mapping):
                names.update({str(key): entry.value for key, entry in option.entries.items()})
    return {**names, **arguments.named}


# -- where templates are -----------------------------------------------------------------------------------------------


def _templates(state: State, receiver: Made, arguments: Arguments) -> list[Module]:
    module = arguments.site.segment.module
    found: list[Module] = []
    for value in receiver.parts.get("text", ()):
        text = paths.text_of(state, value, module)
        if text is not None:
            path = paths.known(value) if isinstance(value, Symbol) else None
            found.append(state.project.template(path or WRITTEN_DOWN, text))
    for value in receiver.parts.get("name", ()):
        for option in options_of(value):
            for name in _texts(option):
                found += _named(state, receiver, name, module)[:1]
    return found


def _texts(value: Value) -> list[str]:
    if isinstance(value, Sequence):
        return [text for item in value.items if (text := constant_text(item.value)) is not None]
    text = constant_text(value)
    return [text] if text is not None else []


def _named(state: State, receiver: Made, name: str, module: Module) -> list[Module]:
    """The templates of a name that the loaders of an environment find."""
    return [found for value in receiver.parts.get("loader", ()) for found in _loaded(state, value, name, module)]


def _loaded(state: State, value: Value, name: str, module: Module) -> list[Module]:
    found: list[Module] = []
    for option in options_of(value):
        if not isinstance(option, Made):
            continue
        given = option.parts.get("given", ())
        if option.path.endswith("ChoiceLoader()"):
            inner = [item.value for value in given if isinstance(value, Sequence) for item in value.items]
            found += [module_found for each in inner for module_found in _loaded(state, each, name, module)]
        elif option.path.endswith("DictLoader()"):
            found += _in_dict(state, given, name)
        else:
            found += _in_folders(state, option, given, name, module)
    return found


def _in_dict(state: State, given: tuple[Value, ...], name: str) -> list[Module]:
    entries = [
        option.entries[name].value
        for value in given
        for option in options_of(value)
        if isinstance(option, Mapping) and name in option.entries
    ]
    texts = [text for value in entries if (text := constant_text(value)) is not None]
    return [state.project.template(name, text) for text in texts]


def _in_folders(state: State, loader: Made, given: tuple[Value, ...], name: str, module: Module) -> list[Module]:
    folders = [folder for value in given[:1] for folder in _folders(value)]
    if loader.path.endswith("PackageLoader()"):
        inner = constant_text(given[1]) if len(given) > 1 else "templates"
        folders = [posixpath.join(folder.replace(".", "/"), inner or "") for folder in folders]
    found = []
    for folder in folders:
        path = posixpath.normpath(posixpath.join(folder, name))
        text = state.project.text_file(path, module)
        if text is not None:
            found.append(state.project.template(path, text))
    return found


def _folders(value: Value) -> list[str]:
    values = [item.value for item in value.items] if isinstance(value, Sequence) else list(options_of(value))
    return [path for each in values if (path := paths.known(each)) is not None]


MODELS: dict[str, Model] = {
    "jinja2.Template": template,
    "jinja2.Environment": made,
    "jinja2.sandbox.SandboxedEnvironment": made,
    "jinja2.sandbox.ImmutableSandboxedEnvironment": made,
    "jinja2.nativetypes.NativeEnvironment": made,
    "jinja2.FileSystemLoader": loader,
    "jinja2.PackageLoader": loader,
    "jinja2.DictLoader": loader,
    "jinja2.ChoiceLoader": loader,
}
