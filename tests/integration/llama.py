"""Real engines for the integration tests: the ones `make llama` built, or the one that a variable names."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.build_llama import MODEL, SERVER, VENV

#: The address of a `llama-server` that runs already, started as below, its model under the alias `tiny`.
VARIABLE = "WORKFLOW_TEST_LLAMA"
#: A model to serve instead of the tiny one.
MODEL_VARIABLE = "WORKFLOW_TEST_GGUF"
WINDOW = 8192


@contextmanager
def llama_server() -> Iterator[str]:
    """llama.cpp's own server with four slots of 8192 tokens each: its address. Skips where there is none."""
    if os.environ.get(VARIABLE):
        yield os.environ[VARIABLE]
        return
    if not SERVER.exists():
        pytest.skip(f"no llama.cpp server: `make llama` builds one, {VARIABLE} names one that runs")
    with _running(
        [str(SERVER), "-m", str(_model()), "--alias", "tiny", "-c", str(4 * WINDOW), "--parallel", "4"]
        + ["-t", "1", "-tb", "1", "-b", "512", "--embeddings", "--pooling", "mean"],
        "/health",
    ) as address:
        yield address


@contextmanager
def python_server() -> Iterator[str]:
    """The server of llama-cpp-python, which answers one request at a time and in a looser dialect."""
    libraries = SERVER.parent
    if not (VENV / "bin" / "uvicorn").exists() or not SERVER.exists():
        pytest.skip("no server of llama-cpp-python: `make llama` builds one")
    with _running(
        [str(VENV / "bin" / "python"), "-m", "llama_cpp.server", "--model", str(_model()), "--model_alias", "tiny"]
        + ["--n_ctx", "2048", "--n_threads", "1", "--embedding", "true", "--interrupt_requests", "false"],
        "/v1/models",
        LLAMA_CPP_LIB_PATH=str(libraries),
        LD_LIBRARY_PATH=str(libraries),
    ) as address:
        yield address


def _model() -> Path:
    return Path(os.environ.get(MODEL_VARIABLE) or MODEL)


@contextmanager
def _running(command: list[str], path: str, **environment: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        until = time.monotonic() + 120
        while not _answers(address + path):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} did not start: status {process.poll()}")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
