"""SARIF fits the official schema of 2.1.0: the models here are generated from it, and allow nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from cachelint.formats import Outcome, load_format
from cachelint.rendering.terminal import Terminal


def rendered(outcome: Outcome) -> dict[str, Any]:
    log = json.loads(load_format("sarif").render(outcome, Terminal()))
    assert isinstance(log, dict)
    return log


def test_findings_with_paths_fixes_and_new_rules(outcome: Outcome) -> None:
    log = SarifLog.model_validate(rendered(outcome))
    assert [result.ruleId for result in log.runs[0].results or ()] == ["CL201", "CL901", "CL101"]


def test_nothing_found(nothing: Outcome) -> None:
    assert SarifLog.model_validate(rendered(nothing)).runs[0].results == []


def test_the_models_would_notice(outcome: Outcome) -> None:
    log = rendered(outcome)
    log["runs"][0]["results"][0]["codeflows"] = []
    with pytest.raises(ValidationError, match="codeflows"):
        SarifLog.model_validate(log)
