"""Forks processes of the command from one that has imported it, as importing takes most of a start.

Each is a process of its own, with the arguments, streams, directory and environment that it is given, and ends as a
process does. The other end is in `running`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any


def exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = connection.recv(count - len(found))
        if not piece:
            raise EOFError("the other end is gone")
        found += piece
    return found


def serve(connection: socket.socket) -> None:
    """Start what is asked for, one after the other, until the tests are gone. In each child this returns."""
    while True:
        try:
            head, fds, _, _ = socket.recv_fds(connection, 8, 3)
            size = int.from_bytes(head + exactly(connection, 8 - len(head)), "big")
            order = exactly(connection, size) if head else b""
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
