"""The distribution: what a wheel holds, and that it works where only it is installed, editable or not.

The environments see this one's packages behind their own, so that the tests need no network.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FLAGGED = """\
import anthropic
from datetime import datetime

anthropic.Anthropic().messages.create(
    model="claude-opus-4-8",
    max_tokens=100,
    system=[{"type": "text", "text": f"It is {datetime.now()}.", "cache_control": {"type": "ephemeral"}}],
    messages=[{"role": "user", "content": "Hello"}],
)
"""


class Environment:
    """A virtual environment in a folder."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False)
        self.python = folder / "bin" / "python"
        self.site_packages = Path(self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (self.site_packages / "outer.pth").write_text(sysconfig.get_path("purelib"))

    def install(self, *arguments: str) -> None:
        pip = (sys.executable, "-m", "pip", "--python", str(self.python))
        subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", *arguments], check=True)

    def run(self, *arguments: str, folder: Path | None = None, expect: int = 0) -> str:
        run = subprocess.run([str(self.python), *arguments], cwd=folder, capture_output=True, text=True, check=False)
        assert run.returncode == expect, run.stderr
        return run.stdout


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=repository, check=True, capture_output=True)
    (path,) = folder.glob("prompt_cachelint-*.whl")
    return path


def test_the_wheel_holds_the_package_and_the_rules_and_nothing_else(wheel: Path, repository: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"cachelint"}
    assert "cachelint/py.typed" in names
    assert {name for name in names if name.startswith("cachelint/rules/")} == {
        f"cachelint/rules/{path.name}" for path in (repository / "rules").glob("*.md")
    }


def test_the_wheel_works(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install(str(wheel))
    rules = environment.site_packages / "cachelint" / "rules"
    assert rules.is_dir()
    assert_works(environment, tmp_path, rules)


def test_an_editable_installation_works(repository: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install("--no-build-isolation", "--editable", str(repository))
    assert_works(environment, tmp_path, repository / "rules")


def assert_works(environment: Environment, folder: Path, rules: Path) -> None:
    where = "import cachelint.rulebook; print(cachelint.rulebook.rules_folder())"
    assert environment.run("-c", where, folder=folder).strip() == str(rules)
    (folder / "app.py").write_text(FLAGGED)
    check = ("-m", "cachelint", "check", "--select", "CL1", "--output-format", "json", "app.py")
    assert [finding["code"] for finding in json.loads(environment.run(*check, folder=folder, expect=1))] == ["CL101"]
