"""Builds llama.cpp's own servers and a tiny model for the integration tests, into `.llama/`: `make llama`.

The sources come inside the package llama-cpp-python, whose server is the second one. Takes ten minutes of two cores
and needs cmake, ninja and a C++ compiler. What is there already is not built again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "0.3.36"
HERE = Path(__file__).parent
PLACE = HERE.parents[1] / ".llama"
VENV = PLACE / "venv"
BUILD = PLACE / "build"
SERVER = BUILD / "bin" / "llama-server"
MODEL = PLACE / "tiny.gguf"
OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release",
    "CMAKE_CXX_FLAGS_RELEASE": "-O1 -DNDEBUG",
    "CMAKE_C_FLAGS_RELEASE": "-O1 -DNDEBUG",
    "BUILD_SHARED_LIBS": "ON",
    "GGML_OPENMP": "OFF",
    "LLAMA_BUILD_UI": "OFF",
    "LLAMA_USE_PREBUILT_UI": "OFF",
    "LLAMA_BUILD_TESTS": "OFF",
    "LLAMA_BUILD_EXAMPLES": "OFF",
    "LLAMA_BUILD_APP": "OFF",
}


def main() -> None:
    missing = [tool for tool in ("cmake", "ninja", "c++") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"error: {', '.join(missing)} not found; the tests against a real engine will be skipped")
    PLACE.mkdir(exist_ok=True)
    python = VENV / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", VENV)
    if not SERVER.exists():
        sources = unpacked()
        flags = [f"-D{name}={value}" for name, value in OPTIONS.items()]
        run("cmake", "-S", sources / "vendor" / "llama.cpp", "-B", BUILD, "-G", "Ninja", *flags)
        run("ninja", "-C", BUILD, "-j", os.environ.get("JOBS", "1"), "llama-server")
    # The Python server takes the libraries that were just built, instead of building them once more.
    if not (VENV / "bin" / "uvicorn").exists():
        packages = ["gguf", "numpy", f"llama-cpp-python[server]=={VERSION}"]
        run(python, "-m", "pip", "install", "--quiet", *packages, CMAKE_ARGS="-DLLAMA_BUILD=OFF")
    run(python, HERE / "make_tiny_gguf.py", MODEL)


def unpacked() -> Path:
    """The sources of llama-cpp-python, llama.cpp's among them."""
    sources = PLACE / "sources"
    if not sources.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python"]
        run(*pip, "--dest", PLACE, f"llama-cpp-python=={VERSION}")
        (archive,) = PLACE.glob("llama_cpp_python-*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(PLACE, filter="data")
        archive.with_name(archive.name.removesuffix(".tar.gz")).rename(sources)
    return sources


def run(*command: object, **environment: str) -> None:
    subprocess.run([*map(str, command)], check=True, env={**os.environ, **environment})


if __name__ == "__main__":
    main()
