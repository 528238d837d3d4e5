"""The command, with a signal sent to it at one of its points:
`python -m tests.faults.dying_command SIGNAL POINT NUMBER ARGUMENT...`.

`POINT` is the name of a point in `write_points`, or `any`; the command gets the signal at the one of that number.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.faults.write_points import watched
from workflow_cli.cli.main import run

REPOSITORY = Path(__file__).parents[2]


def dies(point: str, number: int, *arguments: str, cwd: Path, env: Mapping[str, str]) -> bool:
    """Whether the command was killed there; it was not where it has fewer such points."""
    with _started("SIGKILL", point, number, *arguments, cwd=cwd, env=env) as process:
        process.communicate(timeout=60)
        return process.returncode == -signal.SIGKILL


@contextmanager
def standing_still(point: str, number: int, *arguments: str, cwd: Path, env: Mapping[str, str]) -> Iterator[int]:
    """The command goes no further than there until this is left; its process id."""
    with _started("SIGSTOP", point, number, *arguments, cwd=cwd, env=env) as process:
        try:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), process.communicate()
            yield process.pid
        finally:
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=60)


def _started(*arguments: str | int, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying_command", *map(str, arguments)],
        cwd=cwd,
        env={**env, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def main(name: str, point: str, number: str, *arguments: str) -> int:
    seen = 0

    def hook(passed: str) -> None:
        nonlocal seen
        if point in ("any", passed):
            seen += 1
            if seen == int(number):
                os.kill(os.getpid(), signal.Signals[name])

    with watched(hook):
        return run(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
