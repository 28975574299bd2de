"""The kernel is imported by everything, so it imports nothing that takes time."""

import subprocess
import sys

HEAVY = {"anthropic", "click", "libcst", "duckdb", "pydantic", "genai_prices", "tabulate", "pytest"}


def test_the_kernel_and_the_testing_room_import_only_the_standard_library() -> None:
    program = "import sys, cachelint.prompt, cachelint.testing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())
