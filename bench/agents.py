"""1,000 questions at once through `workflow mcp`, over stdio, with the SDK's own client.

The client is a process of its own, and what it costs is in every figure: the yardstick is the time the limit allows,
and as many calls that only read a finished answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from figures import Group, Target, megabytes, milliseconds
from made_trees import growing
from measure import Broken, environment
from places import PYTHON, REPOSITORY
from slow_answers import SECONDS

QUESTIONS = 1_000
LIMIT = 64
IDEAL = QUESTIONS / LIMIT * SECONDS


def measure(scratch: Path, rounds: int) -> Group:
    taken = []
    for number in range(rounds):
        root = scratch / f"tree-{number}"
        growing(root, 2)
        (root / "workflow.yaml").write_text(
            f"answers:\n  order: [tools]\n  order_tool: [tools]\n  limits: {{tools: {LIMIT}}}\n", encoding="utf-8"
        )
        done = subprocess.run(
            [PYTHON, __file__, str(root)],
            capture_output=True,
            text=True,
            env=environment(),
            cwd=REPOSITORY,
            check=False,
        )
        if done.returncode != 0:
            raise Broken(f"bench/agents.py: {done.stderr[-2000:]}")
        taken.append(json.loads(done.stdout))
    best = min(taken, key=lambda one: one["ask"])
    return group(best, len(taken))


def group(best: dict[str, Any], rounds: int) -> Group:
    lost_or_doubled = best["wrong"] + abs(best["questions"] - QUESTIONS) + (best["most_for_one"] - 1)
    rows = [
        (f"the ideal: {QUESTIONS:,} questions of {SECONDS * 1000:.0f} ms, {LIMIT} at once", milliseconds(IDEAL)),
        (f"the protocol: {QUESTIONS:,} calls at once that read a finished answer", milliseconds(best["protocol"])),
        (f"{QUESTIONS:,} questions asked and answered", milliseconds(best["ask"])),
        ("the same again, from the cache", milliseconds(best["cached"])),
        ("questions the answerer had at once, at most", str(best["most_at_once"])),
        ("lost, wrong or asked twice", str(lost_or_doubled)),
        ("memory of the server, at its peak", megabytes(best["peak"])),
    ]
    return Group(
        title="Questions of agents, through MCP",
        columns=("what", "figure"),
        rows=rows,
        targets=[
            Target(
                what="questions at once, over ideal and protocol together",
                figure=best["ask"] / (IDEAL + best["protocol"]),
                limit=1.3,
                unit=" ×",
            ),
            Target(what="lost, wrong or asked twice", figure=lost_or_doubled, limit=0),
            Target(what="memory of the server", figure=best["peak"] / 1e6, limit=300, unit=" MB"),
        ],
        notes=[f"The best of {rounds} runs, each with a new tree and server."],
    )


def main(root: str) -> None:
    import anyio
    from mcp import Client, StdioServerParameters, stdio_client

    report = Path(root) / "report.json"
    server = StdioServerParameters(
        command=sys.executable, args=[str(Path(__file__).with_name("slow_answers.py")), root, str(report)]
    )
    taken: dict[str, Any] = {"wrong": 0}

    async def run() -> None:
        async with Client(stdio_client(server)) as client:
            first = await client.call_tool("ask_question", {"question": "the first of all", "wait_seconds": 60})
            finished = first.structured_content["id"]

            async def all_at_once(call: Callable[[int], Any]) -> float:
                started = time.perf_counter()
                async with anyio.create_task_group() as group:
                    for number in range(QUESTIONS):
                        group.start_soon(call, number)
                return time.perf_counter() - started

            async def read(_number: int) -> None:
                await client.call_tool("get_answer", {"id": finished})

            async def ask(number: int) -> None:
                text = f"question number {number}"
                made = await client.call_tool("ask_question", {"question": text, "wait_seconds": 60})
                said = (made.structured_content or {}).get("answer")
                taken["wrong"] += said != f"answer to {text}"

            taken["protocol"] = await all_at_once(read)
            taken["ask"] = await all_at_once(ask)
            taken["cached"] = await all_at_once(ask)

    anyio.run(run)
    counted = json.loads(report.read_text("utf-8"))
    counted["questions"] -= 1  # the first of all
    print(json.dumps({**taken, **counted}))


if __name__ == "__main__":
    main(*sys.argv[1:])
