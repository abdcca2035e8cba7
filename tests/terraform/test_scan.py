"""The Terraform configuration passes a scan for insecure settings."""

import subprocess
import sys

from scripts.terraform import ROOT

from tests.support.availability import unavailable

CHECKOV = ROOT / ".local" / "checkov" / "bin" / "checkov"


def test_no_setting_is_insecure_without_a_reason() -> None:
    if not CHECKOV.exists():
        unavailable("checkov is not installed; make scan installs it")
    scan = subprocess.run(
        [
            *(CHECKOV, "--directory", "terraform", "--framework", "terraform"),
            # The override file for emulators is a fragment.
            *("--skip-path", ".terraform/", "--skip-path", "emulator/"),
            *("--skip-download", "--quiet", "--compact"),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    sys.stdout.write(scan.stdout)
    assert scan.returncode == 0, scan.stdout + scan.stderr
    assert "Failed checks: 0" in scan.stdout
