"""Which files hold tests: what they call tells nothing of how a program is run."""

from __future__ import annotations

import re

_TEST = re.compile(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")


def is_test(filename: str) -> bool:
    """Whether a file holds tests, by the usual names."""
    return bool(_TEST.search(filename))
