"""`cachelint run` logs a program that knows nothing of it, and exits as it does."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from cachelint.testing import ApiServer

PROGRAM = """
import sys, anthropic
client = anthropic.Anthropic(api_key="key")
messages = [{"role": "user", "content": "Hi"}]
print(client.messages.create(model="claude-opus-4-8", max_tokens=9, messages=messages).content[0].text)
sys.exit(7)
"""


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `cachelint run` with a clean environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CACHELINT", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-m", "cachelint", "run", *arguments],
        cwd=cwd,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(PROGRAM)
    return path


def test_a_program_is_logged_without_a_change(
    app: Path, server: ApiServer, log: Path, records: Any, tmp_path: Path
) -> None:
    arguments = ["--log", "usage.jsonl", "--", sys.executable, "app.py"]
    done = run(*arguments, cwd=tmp_path, ANTHROPIC_BASE_URL=server.url)

    assert (done.stdout, done.stderr, done.returncode) == ("You said: Hi\n", "", 7)
    [record] = records()
    assert record["call_site"] == "app.py:5"


def test_the_log_of_the_environment_is_used(tmp_path: Path) -> None:
    program = "import cachelint; print(cachelint.UsageLog().folder)"
    done = run(sys.executable, "-c", program, cwd=tmp_path, CACHELINT_LOG="elsewhere/")
    assert done.stdout == f"{tmp_path}/elsewhere\n"


def test_a_program_that_installs_too_is_logged_once(app: Path, server: ApiServer, records: Any, tmp_path: Path) -> None:
    app.write_text(f"import cachelint; cachelint.install()\n{PROGRAM}")
    run("--log", "usage.jsonl", "--", sys.executable, "app.py", cwd=tmp_path, ANTHROPIC_BASE_URL=server.url)
    assert len(records()) == 1


def test_processes_started_by_the_program_are_logged_too(
    app: Path, server: ApiServer, records: Any, tmp_path: Path
) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text("import subprocess, sys; subprocess.run([sys.executable, 'app.py'])")
    run("--log", "usage.jsonl", "--", sys.executable, "parent.py", cwd=tmp_path, ANTHROPIC_BASE_URL=server.url)
    assert len(records()) == 1


def test_the_users_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import sys; sys.mine = True")
    done = run(sys.executable, "-c", "import sys; print(sys.mine)", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_an_environment_without_cachelint_is_logged_too(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    program = "import cachelint, sys; print(cachelint.install.__module__, 'click' in sys.modules)"
    done = run(str(python), "-c", program, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("cachelint.runtime.install False\n", "")


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    done = run("no-such-program", cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("error: cannot find the program 'no-such-program' to run\n", 2)
