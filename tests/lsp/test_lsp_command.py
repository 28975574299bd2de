"""`cachelint lsp` at a shell."""

from __future__ import annotations

import subprocess
import sys


def test_without_the_extra_it_says_what_to_install() -> None:
    without_pygls = "import sys; sys.modules['pygls'] = None; from cachelint.cli import main; main(['lsp'])"
    run = subprocess.run([sys.executable, "-c", without_pygls], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "error: `cachelint lsp` needs more packages: pip install 'prompt-cachelint[lsp]'\n"


def test_an_editor_that_goes_away_without_a_word_ends_it() -> None:
    run = subprocess.run([sys.executable, "-m", "cachelint", "lsp"], stdin=subprocess.DEVNULL, check=False, timeout=60)
    assert run.returncode == 1
