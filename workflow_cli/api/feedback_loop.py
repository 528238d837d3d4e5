"""What the events show, and the cycle that improves what can be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.api.on_project import OnProject

if TYPE_CHECKING:
    from workflow_cli.api.results import Collected, Degraded, FeedbackReport, LoopCycle
    from workflow_cli.wiring.loop import LoopRun


class FeedbackLoop(OnProject):
    """Reads the log of events as `workflow feedback` does, and runs cycles as `workflow loop` does."""

    async def collect(self, since: str = "7d") -> Collected:
        """Read what was added to the log, and count the events of the window: `12h`, `7d`, `4w`.

        Raises UsageError for a window that is none, DocumentError.
        """
        report = await self.analyze(since)
        from workflow_cli.api.results import Collected
        from workflow_cli.app.feedback.report_json import moment

        return Collected(
            begins=moment(report.window.begins),
            ends=moment(report.window.ends),
            newest=moment(report.newest) if report.newest else None,
            events=report.kinds,
            set_aside=report.aside,
            degraded=tuple(_degraded(reason) for reason in report.degraded),
        )

    async def analyze(self, since: str = "7d", *, by: str | None = None) -> FeedbackReport:
        """Metrics with their intervals against the window before, errors by pattern, and insights, the dearest first.

        `by` groups questions by `kind`, `answerer`, `model` or `change`. An insight with `found` False has not enough data.
        Raises as `collect` does.
        """
        project = self._project

        def work() -> FeedbackReport:
            from workflow_cli.wiring.feedback import check_grouping, feedback_report, window_back

            window = window_back(since, where="since")
            if by is not None:
                check_grouping(by, where="by")
            return feedback_report(project.root, project.settings, window, by=by)

        return await project.in_thread(work)

    async def run_cycle(self, *, dry_run: bool = False) -> LoopCycle:
        """One cycle: monitor, analyse, propose, implement, measure. With `dry_run` it only tells what it would do.

        A cycle that is cancelled goes on to its end, which `loop.cycle_seconds` bounds. Raises UsageError for levers in the
        settings that there are not, WorkflowError where it cannot go on.
        """
        project = self._project

        def work() -> LoopCycle:
            from workflow_cli.api.results import LoopCycle
            from workflow_cli.wiring.loop import LoopRun, check_levers

            settings = project.read_settings()
            check_levers(settings.loop.levers or (), where="loop.levers")
            with LoopRun(project.root, settings, load=project.read_settings, dry=dry_run) as run, run.held() as held:
                return _cycle(run) if held else LoopCycle(status="busy")

        return await project.in_thread(work)


def _cycle(run: LoopRun) -> LoopCycle:
    from workflow_cli.api.results import Degraded, LoopCycle
    from workflow_cli.domain.improvement.change_text import change_name

    cycle = run.cycle()
    run.tell()
    frozen = run.story().standing == "frozen"
    return LoopCycle(
        status="waiting" if cycle.waits_for_a_person else "frozen" if frozen else "ok",
        did=cycle.did,
        events=cycle.events,
        set_aside=cycle.set_aside,
        running=cycle.running,
        frozen=cycle.frozen,
        waits_for=cycle.waits_for,
        ended=tuple((change_name(experiment), how) for how, experiment in cycle.ended),
        put_off=tuple(dict.fromkeys((*cycle.put_off, *run.problems))),
        degraded=tuple(Degraded(**one) for one in run.degraded),
    )


def _degraded(reason: str) -> Degraded:
    from workflow_cli.api.results import Degraded

    what, _, why = reason.partition(": ")
    return Degraded(what=what, why=why)
