"""A short trial; ``make test-faults`` has the long ones."""

import os
from pathlib import Path

import pytest

from tests.faults.findings import Findings
from tests.faults.server import Victim
from tests.faults.trial import Trial, run

pytestmark = pytest.mark.timeout(300)


@pytest.mark.skipif("API_URL" in os.environ, reason="it kills a local server of its own")
def test_nothing_is_lost_stuck_or_left_over_when_processes_are_killed_and_requests_fail(
    tmp_path: Path,
) -> None:
    victims = (Victim.WORKER, Victim.EMULATOR, Victim.WORKER, Victim.SERVER)

    result = run(Trial(victims, share=0.1, seconds=2), tmp_path)

    assert result.findings == Findings()
    assert result.faults > 0
    assert all(result.promised.values())
