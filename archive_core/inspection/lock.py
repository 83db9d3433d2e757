"""
One projector at a time per room: a lock on a file beside it, released by the system when the process ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of a room; waits for another projector to finish. Not re-entrant."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock")):
        yield
