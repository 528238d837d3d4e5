"""Runs the command in another process, quickly where that is the same."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests import rights
from tests.cli.fork_server import exactly

REPOSITORY = Path(__file__).parents[2]
#: Read at the start of Python, or when a library is imported: as the server has them, or not at all.
FIXED = {"PYTHONPATH": str(REPOSITORY), "LC_ALL": "C.UTF-8"}
#: Read when the command runs.
FREE = ("PATH", "HOME", "TMPDIR", "COLUMNS", "XDG_", "GIT_", "LM_", "WORKFLOW_")


def run_command(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str],
    stdin: IO[Any] | int = subprocess.DEVNULL,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """`python -m workflow_cli` with pipes for both outputs; forked from a process that has imported it, if that makes no
    difference to it."""
    run = _server().run if _may_be_forked(env) else started
    return run([str(argument) for argument in arguments], cwd=cwd, env=env, stdin=stdin, timeout=timeout)


def started(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: IO[Any] | int, timeout: float
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow_cli", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        stdin=stdin,
        timeout=timeout,
    )


def _may_be_forked(environment: Mapping[str, str]) -> bool:
    fixed = FIXED.items() <= environment.items()
    return fixed and not rights.are_given_up() and all(name in FIXED or name.startswith(FREE) for name in environment)


@cache
def _server() -> ForkServer:
    server = ForkServer()
    atexit.register(server.close)
    return server


class ForkServer:
    """`run` is `subprocess.run` with pipes for both outputs; one command runs at a time."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cli.fork_server", str(other.fileno())],
                cwd=REPOSITORY,
                env={"PATH": os.environ["PATH"], **FIXED},
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def close(self) -> None:
        self._socket.close()
        self._process.wait()

    def run(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: IO[Any] | int, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        order = json.dumps([arguments, str(cwd), dict(env)]).encode()
        out, for_out = os.pipe()
        err, for_err = os.pipe()
        with open(out, "rb") as out_file, open(err, "rb") as err_file:
            try:
                with contextlib.ExitStack() as stack:
                    if stdin == subprocess.DEVNULL:
                        stdin = stack.enter_context(open(os.devnull, "rb"))
                    fds = [stdin if isinstance(stdin, int) else stdin.fileno(), for_out, for_err]
                    socket.send_fds(self._socket, [len(order).to_bytes(8, "big")], fds)
                self._socket.sendall(order)
            finally:
                os.close(for_out)
                os.close(for_err)
            pid = _number(self._socket)
            try:
                stdout, stderr = _read(out_file, err_file, timeout)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                _number(self._socket)
                raise subprocess.TimeoutExpired(["workflow", *arguments], timeout) from None
        # What closes its streams and goes on is waited for, as `subprocess.run` does.
        status = os.waitstatus_to_exitcode(_number(self._socket))
        # As the streams of `subprocess` that are opened with an encoding: every end of a line is "\n".
        texts = (text.decode().replace("\r\n", "\n").replace("\r", "\n") for text in (stdout, stderr))
        return subprocess.CompletedProcess(["workflow", *arguments], status, *texts)


def _number(connection: socket.socket) -> int:
    return int.from_bytes(exactly(connection, 8), "big")


def _read(out: IO[bytes], err: IO[bytes], timeout: float) -> list[bytes]:
    """All that comes until nobody holds either pipe any more."""
    until = time.monotonic() + timeout
    found: dict[IO[bytes], list[bytes]] = {out: [], err: []}
    with selectors.DefaultSelector() as selector:
        for pipe in found:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(until - time.monotonic())
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                if piece:
                    found[key.fileobj].append(piece)  # type: ignore[index]
                else:
                    selector.unregister(key.fileobj)
    return [b"".join(pieces) for pieces in found.values()]
