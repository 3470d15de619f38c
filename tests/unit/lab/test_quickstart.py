"""The quick start makes the one lab of the usual place."""

import subprocess
import sys


def test_an_option_that_it_does_not_know_starts_nothing() -> None:
    command = [sys.executable, "-m", "lab.quickstart", "--dir", "/tmp/elsewhere"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("quickstart: it takes no argument, and got '--dir'")
