"""Runs the command in processes that are forked from one which has imported it, as importing takes most of a start.

Each is a process of its own, with the arguments, streams, directory and environment that it is given, and ends as a
process does; `python -m workflow_cli` itself is run by what tests starting, signals and streams.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

REPOSITORY = Path(__file__).parents[2]
#: Read at the start of Python, or when a library is imported: as the server has them, or not at all.
FIXED = ("PYTHON", "LC_", "LANG", "TERM", "TZ", "SYSTEMROOT")
#: Read when the command runs.
FREE = ("PATH", "HOME", "TMPDIR", "COLUMNS", "XDG_", "GIT_", "LM_", "WORKFLOW_")


class ForkServer:
    """The end of the tests. `run` is `subprocess.run` with pipes for both streams; one command runs at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._fixed = _fixed(environment)
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.cli.fork_server", str(other.fileno())],
                cwd=REPOSITORY,
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def close(self) -> None:
        self._socket.close()
        self._process.wait()

    def can_run(self, environment: Mapping[str, str]) -> bool:
        rest = environment.keys() - self._fixed.keys()
        return _fixed(environment) == self._fixed and all(name.startswith(FREE) for name in rest)

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdin: IO[Any] | int = subprocess.DEVNULL,
        timeout: float,
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


def _fixed(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(FIXED)}


def _number(connection: socket.socket) -> int:
    return int.from_bytes(_exactly(connection, 8), "big")


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = connection.recv(count - len(found))
        if not piece:
            raise EOFError("the other end is gone")
        found += piece
    return found


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


def serve(connection: socket.socket) -> None:
    """Start what is asked for, one after the other, until the tests are gone. In each child this returns."""
    while True:
        try:
            head, fds, _, _ = socket.recv_fds(connection, 8, 3)
            size = int.from_bytes(head + _exactly(connection, 8 - len(head)), "big")
            order = _exactly(connection, size) if head else b""
        except EOFError:
            sys.exit()
        pid = os.fork()
        if not pid:
            connection.close()
            return _become(fds, *json.loads(order))
        for fd in fds:
            os.close(fd)
        connection.sendall(pid.to_bytes(8, "big"))
        _, status = os.waitpid(pid, 0)
        connection.sendall(status.to_bytes(8, "big"))


def _become(fds: Sequence[int], arguments: Sequence[str], cwd: str, environment: Mapping[str, str]) -> None:
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    # What Python makes of the three descriptors when it starts.
    sys.stdin = sys.__stdin__ = _stream(sys.stdin, 0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _stream(sys.stdout, 1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(sys.stderr, 2, "w", 1)  # type: ignore[misc]
    sys.orig_argv[:] = [sys.executable, "-m", "workflow_cli", *arguments]
    sys.argv[:] = ["-m", *arguments]
    sys.path[0] = cwd


def _run_and_leave() -> None:
    """As Python runs a module and ends, but nothing is taken apart that was there before: half of the time goes there."""
    try:
        runpy.run_module("workflow_cli", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing ends what it forked
        atexit._run_exitfuncs()
        gc.collect()  # what the command left is still missed where it was not closed
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)


def _stream(like: Any, fd: int, mode: str, buffering: int = -1) -> Any:
    encoding, errors = like.encoding, like.errors
    return open(fd, mode, buffering, encoding=encoding, errors=errors, newline="\n", closefd=False)


def _import_everything() -> None:
    import workflow_cli

    for module in pkgutil.walk_packages(workflow_cli.__path__, "workflow_cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests end this by closing the socket
    _import_everything()
    gc.freeze()  # a collection in a child would copy what is shared
    with socket.socket(fileno=int(sys.argv[1])) as _connection:
        serve(_connection)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _run_and_leave()
