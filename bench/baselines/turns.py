"""How a process is told to do some work, so that its CPU time can be read before and after."""

import sys
from collections.abc import Callable


def take_turns(work: Callable[[int], object]) -> None:
    """Do so much of a work as each line of the standard input says, and print a line for each.

    The first line is printed once all is ready.
    """
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        work(int(line))
        sys.stdout.write("done\n")
        sys.stdout.flush()
