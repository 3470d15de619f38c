"""`python -m lab.elsewhen SECONDS backup run ...`: the product at another time, SECONDS away from the real one.

The lab takes its past with it this way. `faketime` would do without a program of the lab's, but Debian 12's breaks the
sleeps of Python 3.11 (absolute deadlines on the monotonic clock come out as EINVAL), so a run fails one time in two
under it.
Vigie asks `time.time()` for every date that it writes; deadlines are counted on the monotonic clock, which is left
alone.
"""

import sys
import time


def main(arguments: list[str]) -> None:
    """Run a command of Vigie at another time.

    Args:
        arguments: the offset in seconds, then those of `vigie`.
    """
    offset = float(arguments[0])
    real = time.time
    time.time = lambda: real() + offset
    sys.argv = ["vigie", *arguments[1:]]
    from vigie.cli import main as command  # after the clock, so that nothing keeps the real one

    command()


if __name__ == "__main__":
    main(sys.argv[1:])
