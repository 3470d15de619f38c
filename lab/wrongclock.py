"""`python -m lab.wrongclock SECONDS MODULE FOLDER UAI`: a program of the agent, on a machine whose clock is wrong.

As in `lab.elsewhen`, only `time.time()` is: the program asks it for every time that it writes.
"""

import sys
import time


def main(arguments: list[str]) -> None:
    """Run a program of the agent with a wrong clock.

    Args:
        arguments: how many seconds the clock is ahead, the program's module, and the program's own arguments.
    """
    ahead = float(arguments[0])
    real = time.time
    time.time = lambda: real() + ahead
    from vigie.observe import program  # after the clock, so that nothing keeps the real one

    program.main(arguments[1], arguments[2:])


if __name__ == "__main__":
    main(sys.argv[1:])
