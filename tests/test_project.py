"""The project's root: configuration, then git, then what is built, then the folder itself."""

from __future__ import annotations

from pathlib import Path

from cachelint.project import common_folder, project_root


def test_the_deepest_folder_that_holds_all_targets(tmp_path: Path) -> None:
    (tmp_path / "app" / "prompts").mkdir(parents=True)
    (tmp_path / "app" / "main.py").touch()
    assert common_folder([tmp_path / "app" / "main.py"]) == tmp_path / "app"
    assert common_folder([tmp_path / "app" / "main.py", tmp_path / "app" / "prompts"]) == tmp_path / "app"


def test_the_root(tmp_path: Path) -> None:
    app = tmp_path / "services" / "app"
    app.mkdir(parents=True)
    assert project_root(app) == app

    (tmp_path / "setup.py").touch()
    (tmp_path / "services" / "pyproject.toml").write_text("[project]")
    assert project_root(app) == tmp_path / "services"

    (tmp_path / ".git").mkdir()
    assert project_root(app) == tmp_path

    (app / "cachelint.toml").touch()
    assert project_root(app) == app
