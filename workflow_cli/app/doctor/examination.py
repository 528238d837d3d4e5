"""One run of all checks: first what waits for nobody, then all servers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from workflow_cli.app.doctor.check import At, Check, Probe, Seen, State, failed
from workflow_cli.errors import WorkflowError

#: Where whoever raised a fault knows no next step.
_LOOK_THERE = "see what is there, and run workflow doctor again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a check saw, with its name. `milliseconds` is how long the look took that told it."""

    id: str
    title: str
    seen: Seen
    milliseconds: float

    @property
    def state(self) -> State:
        return self.seen.state


class Examination(Generic[At]):
    """`look` first; then, where `probes` says that there are any, `wait` in an event loop; then `findings` are complete."""

    def __init__(self, checks: Sequence[Check[At]], at: At, *, elapsed: Callable[[], float]) -> None:
        """`elapsed` gives seconds since any moment."""
        self._checks = checks
        self._at = at
        self._elapsed = elapsed
        #: In the order of the checks; what a probe found takes its place.
        self._found: list[tuple[Check[At], Probe | None, list[Finding]]] = []

    def look(self) -> None:
        for check in self._checks:
            started = self._elapsed()
            for one in _faults_seen(check, self._at):
                if isinstance(one, Probe):
                    self._found.append((check, one, []))
                else:
                    self._found.append((check, None, [self._finding(check, one, started)]))

    @property
    def probes(self) -> int:
        """How many servers are still to be asked."""
        return sum(probe is not None for _, probe, _ in self._found)

    async def wait(self) -> None:
        """Ask all servers at once; each has its own time. Cancelling ends what they started."""
        import asyncio

        async def one(check: Check[At], probe: Probe, findings: list[Finding]) -> None:
            started = self._elapsed()
            try:
                async with asyncio.timeout(probe.seconds):
                    seen = await probe.look()
            except TimeoutError:
                text = f"it did not come to an end within {probe.seconds:g} s"
                seen = [failed(text, where=probe.where, next=_LOOK_THERE)]
            except (WorkflowError, OSError) as error:
                seen = [_fault(error, where=probe.where)]
            findings += [self._finding(check, each, started) for each in seen]

        await asyncio.gather(*(one(*entry) for entry in self._found if entry[1] is not None))  # type: ignore[arg-type]

    @property
    def findings(self) -> Sequence[Finding]:
        return [finding for _, _, findings in self._found for finding in findings]

    def _finding(self, check: Check[At], seen: Seen, started: float) -> Finding:
        return Finding(
            id=check.id if seen.part is None else f"{check.id}.{seen.part}",
            title=check.title if seen.part is None else check.parts[seen.part],
            seen=seen,
            milliseconds=round((self._elapsed() - started) * 1000, 1),
        )


def exit_code_of(findings: Sequence[Finding]) -> int:
    """0 nothing failed, 1 something did, 3 something could not be evaluated."""
    if not all(finding.seen.evaluated for finding in findings):
        return 3
    return int(any(finding.state is State.FAILED for finding in findings))


def _faults_seen(check: Check[At], at: At) -> Iterator[Seen | Probe]:
    try:
        yield from check.look(at)
    except (WorkflowError, OSError) as error:
        yield _fault(error, where=None)


def _fault(error: WorkflowError | OSError, *, where: str | None) -> Seen:
    if isinstance(error, WorkflowError):
        return failed(error.message, where=error.where or where, next=error.hint or _LOOK_THERE)
    name = error.filename if isinstance(error.filename, str) else None
    return failed(error.strerror or str(error), where=name or where, next=_LOOK_THERE)
