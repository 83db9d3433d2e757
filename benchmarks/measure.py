"""
What the benchmarks share: two things measured in turns, medians, and one line that says how they compare.
"""

import statistics
import time
from collections.abc import Callable

Step = Callable[[], object]


def seconds(step: Step) -> float:
    """
    Return the wall-clock seconds one call takes.
    """
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def in_turns(ours: Step, floor: Step, rounds: int) -> tuple[list[float], list[float]]:
    """
    Return the seconds of both, measured A B A B ... after one round that does not count.
    """
    ours()
    floor()
    pairs = [(seconds(ours), seconds(floor)) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def report(what: str, ours: list[float], floor: list[float], *, unit: int, budget: str) -> None:
    """
    Print medians per unit, and the median of the pairwise ratios floor/ours.
    """
    ratio = statistics.median(floor_time / our_time for our_time, floor_time in zip(ours, floor, strict=True))
    print(what)
    for name, times in (("ours", ours), ("floor", floor)):
        median = statistics.median(times)
        print(f"  {name:6} {median / unit * 1e6:10.2f} us each   {unit / median:12,.0f} per second")
    print(f"  speed relative to the floor: {ratio:.2f}   time relative to the floor: {1 / ratio:.2f}   ({budget})")
