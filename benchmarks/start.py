"""
How long it takes to start: `import archive_core` and `archive --help`, beside an interpreter that does nothing.

Budgets: under 150 ms and under 300 ms on the developer machine.
"""

import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

from measure import seconds

ROUNDS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import archive_core": [sys.executable, "-c", "import archive_core"],
    "archive --help": [str(Path(sys.executable).with_name("archive")), "--help"],
}


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(partial(subprocess.run, command, check=True, capture_output=True)))
    base = statistics.median(taken["python -c pass"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:22} {median * 1e3:7.1f} ms   {median / base:5.1f} times an empty interpreter")


if __name__ == "__main__":
    main()
