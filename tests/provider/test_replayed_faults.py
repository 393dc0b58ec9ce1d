"""The provider, broken on purpose: replay names each fault by the statement that it breaks."""

from __future__ import annotations

import pytest

from ..effort import tally
from . import faults_of_answers, faults_of_requests
from .replayed import PAGE, failed_rules, played, staged
from .visiting import OpenStage

FAULTS = faults_of_requests.fault | faults_of_answers.fault
FEW = 5  # statements at most are broken by one fault: what is named has to be what is wrong


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_named_by_the_statement_that_it_breaks(
    name: str, open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FAULTS[name]
    fault.breaks(monkeypatch)
    target = await staged(open_stage, fault.text)

    report = await played(target, fault.text)

    failed = failed_rules(report, fault.text)
    assert fault.statement in failed
    assert len(failed) <= FEW, failed
    assert report.failed(strict=True)
    tally("claims of replay judged against the provider", len(list(report.judged)))


def test_the_page_says_how_many_ways_there_are() -> None:
    assert len(FAULTS) == 26
    assert "broken on purpose, too, in twenty-six ways" in PAGE.read_text()
