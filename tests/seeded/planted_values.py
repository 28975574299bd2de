"""What is planted: values that vary, each with the codes that may report it, and the ways in which code holds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """A source of text that varies."""

    expression: str
    """Evaluates to a str."""
    imports: str
    codes: frozenset[str]
    period: str
    """How long one reading holds: ``request`` (none) or ``process``."""


def _value(expression: str, imports: str, codes: str, period: str = "request") -> Value:
    return Value(expression, imports, frozenset(codes.split()), period)


VALUES = (
    _value("datetime.datetime.now().isoformat()", "import datetime", "CL101"),
    _value("str(datetime.datetime.now(datetime.timezone.utc))", "import datetime", "CL101"),
    _value("f'{datetime.datetime.now():%H:%M:%S}'", "import datetime", "CL101"),
    _value("str(time.time())", "import time", "CL101"),
    _value("time.strftime('%X')", "import time", "CL101"),
    _value("'%d' % time.time_ns()", "import time", "CL101"),
    _value("str(uuid.uuid4())", "import uuid", "CL102"),
    _value("uuid.uuid4().hex[:8]", "import uuid", "CL102"),
    _value("secrets.token_hex(4)", "import secrets", "CL102"),
    _value("tempfile.mkdtemp()", "import tempfile", "CL102"),
    _value("str(random.random())", "import random", "CL103"),
    _value("random.choice(['oak', 'elm'])", "import random", "CL103"),
    _value("' '.join(random.sample(['oak', 'elm', 'ash'], 2))", "import random", "CL103"),
    _value("str(os.getpid())", "import os", "CL104", "process"),
    _value("socket.gethostname()", "import socket", "CL104", "process"),
    _value("str(id(object()))", "", "CL104", "process"),
    _value("str(hash('oak'))", "", "CL104", "process"),
    _value("subprocess.check_output(['git', 'status'], text=True)", "import subprocess", "CL105"),
    _value("urllib.request.urlopen('http://localhost/state').read().decode()", "import urllib.request", "CL105"),
    _value("', '.join({'oak', 'elm', 'ash'})", "", "CL201", "process"),
    _value("' '.join(set('oak elm ash'.split()))", "", "CL201", "process"),
    _value("str(list(frozenset(['oak', 'elm', 'ash'])))", "", "CL201", "process"),
    _value("json.dumps({name: 1 for name in {'oak', 'elm'}})", "import json", "CL201 CL202", "process"),
    _value("', '.join(os.listdir('.'))", "import os", "CL204", "process"),
    _value("' '.join(str(path) for path in pathlib.Path('.').iterdir())", "import pathlib", "CL204", "process"),
    _value("' '.join(glob.glob('*'))", "import glob", "CL204", "process"),
)

REQUEST_CANARY, PROCESS_CANARY = "__request_canary__()", "__process_canary__()"
"""What stands for a value when the program is run to see where it lands."""


@dataclass(frozen=True)
class Carrier:
    """How code holds a value: `{value}` in an expression, with definitions beside it."""

    expression: str
    definition: str = ""
    """Goes to the end of the imports of the module, or into the module `elsewhere`."""
    elsewhere: str = ""
    frozen: bool = False
    """Evaluated once, when the module is imported."""


CARRIERS = (
    Carrier("{value}"),
    Carrier("{value}"),
    Carrier("_stamp()", "def _stamp():\n    return {value}\n"),
    Carrier("_stamp('at ')", "def _stamp(prefix: str = '') -> str:\n    text = {value}\n    return prefix + text\n"),
    Carrier("stamping.stamp()", "def stamp():\n    return {value}\n", elsewhere="stamping"),
    Carrier("_Stamp().text()", "class _Stamp:\n    def text(self):\n        return {value}\n"),
    Carrier("str(_Stamp())", "class _Stamp:\n    def __str__(self):\n        return {value}\n"),
    Carrier(
        "_Stamp().text",
        "class _Stamp:\n    def __init__(self):\n        self._text = {value}\n\n"
        "    @property\n    def text(self):\n        return self._text\n",
    ),
    Carrier("(lambda: {value})()"),
    Carrier("[{value}][0]"),
    Carrier("{{'at': {value}}}['at']"),
    Carrier("next(iter([{value}]))"),
    Carrier("''.join(part for part in ['at ', {value}])"),
    Carrier("_STAMP", "_STAMP = {value}\n", frozen=True),
)

FORMS = (
    "({0} + {1})",
    "({1} + {0})",
    "('%s %s' % ({0}, {1}))",
    "' '.join([{0}, {1}])",
    "'{{}} {{}}'.format({0}, {1})",
    "''.join(({1}, ' ', {0}))",
    "f'{{{0}}} {{{1}}}'",
)
"""How the value (`{1}`) is added to the text that stood there (`{0}`)."""
