"""Modules that are put off: loaded for whoever touches them, and for nobody else."""

import subprocess
import sys

from vigie.observe.lazily import put_off


def run(code: str) -> str:
    """What a fresh interpreter prints: this one has loaded everything already."""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_what_nobody_touches_is_not_loaded() -> None:
    code = """
import sys
from vigie.observe.lazily import put_off
with put_off("inspect"):
    import dataclasses
    @dataclasses.dataclass(frozen=True, slots=True)
    class A:
        "Documented."
        x: int
print(A(1), "inspect" in sys.modules, "ast" in sys.modules)
"""
    assert run(code) == "A(x=1) False False"


def test_what_is_touched_is_the_real_one_even_later() -> None:
    code = """
from vigie.observe.lazily import put_off
with put_off("colorsys"):
    import colorsys as early
import colorsys as late
print(early.rgb_to_hls is late.rgb_to_hls, early.ONE_THIRD == late.ONE_THIRD)
"""
    assert run(code) == "True True"


def test_a_dataclass_without_docstring_has_its_signature_all_the_same() -> None:
    code = """
from vigie.observe.lazily import put_off
with put_off("inspect"):
    from dataclasses import dataclass
@dataclass
class A:
    x: int
print(A.__doc__)
"""
    assert run(code) == "A(x: int)"


def test_what_is_loaded_already_stays() -> None:
    import json

    with put_off("json"):
        assert sys.modules["json"] is json
    assert sys.modules["json"] is json
