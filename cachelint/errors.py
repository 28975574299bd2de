"""Exceptions that a user can cause, each with a message that says what, where and how to mend it.

The hierarchy, and what the command line exits with:

    CachelintError
    ├── ConfigurationError   settings or options that cannot be used        exit code 2
    ├── InputError           a path, log or stdin that cannot be read       exit code 2
    └── MissingExtraError    a command whose optional packages are absent   exit code 2
"""


class CachelintError(Exception):
    """Base of every error that the command line prints as one sentence, without a traceback."""


class ConfigurationError(CachelintError):
    """A setting, option or rule selection that cannot be used."""


class InputError(CachelintError):
    """A path, log or standard input that cannot be read."""


class MissingExtraError(CachelintError):
    """A command needs packages that are not installed."""

    def __init__(self, command: str, extra: str) -> None:
        super().__init__(f"`cachelint {command}` needs more packages: pip install 'prompt-cachelint[{extra}]'")
