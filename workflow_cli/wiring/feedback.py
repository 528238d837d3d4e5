"""`feedback`: the log, what was read of it, and a model for the narrative."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.errors import UsageError
from workflow_cli.wiring import STATE_DIRECTORY, event_log, now, person

if TYPE_CHECKING:
    from workflow_cli.adapters.metrics_log.metrics_log import MetricsLog
    from workflow_cli.app.feedback.make_report import Report
    from workflow_cli.app.feedback.record_finding_verdict import Target
    from workflow_cli.app.feedback.record_verdict import Given
    from workflow_cli.app.ports import EventLog
    from workflow_cli.domain.feedback.limits import Limit
    from workflow_cli.domain.feedback.verdicts import KnownRules
    from workflow_cli.domain.feedback.window import Window
    from workflow_cli.domain.openspec.finding import Finding
    from workflow_cli.settings import Settings

DATABASE = "feedback.db"
#: As the loop names them.
LEDGER, LEDGER_KEY = "ledger.jsonl", "ledger.key"


def metrics_log(root: Path, settings: Settings, *, now: float, since: float = 0.0, fresh: bool = False) -> MetricsLog:
    """The log of the tree's events, read up to its end, and back to `since` at least. Raises DocumentError."""
    from workflow_cli.adapters.metrics_log.metrics_log import MetricsLog
    from workflow_cli.adapters.state_directory import make_state_directory
    from workflow_cli.adapters.state_file import is_there
    from workflow_cli.errors import DocumentError

    database: Path | None = root / STATE_DIRECTORY / DATABASE
    if not is_there(settings.events.path.parent):
        database = None  # there is no log, so nothing is to be kept
    else:
        try:
            make_state_directory(root)
        except DocumentError:
            database = None
    return MetricsLog(
        settings.events.path, now=now, since=since, database=database, fresh=fresh, arms=lambda: _arms(root)
    )


def window_back(since: str, *, where: str) -> Window:
    """The window from now back, such as `7d`. Raises UsageError, which names `where` it was said."""
    from workflow_cli.domain.feedback.window import MOST_DAYS, window_of

    try:
        return window_of(since, now=now().timestamp())
    except ValueError:
        raise UsageError(
            f"{since!r} is no span of time",
            where=where,
            hint=f"hours, days or weeks: 12h, 7d, 4w; at most {MOST_DAYS}d",
        ) from None


def check_grouping(by: str, *, where: str) -> None:
    """Raises UsageError where a report cannot be grouped so."""
    from workflow_cli.app.feedback.make_report import GROUPINGS

    if by not in GROUPINGS:
        raise UsageError(f"cannot group by {by!r}", where=where, hint="choose one of " + ", ".join(GROUPINGS))


def feedback_report(
    root: Path,
    settings: Settings,
    window: Window,
    *,
    by: str | None = None,
    limits: Sequence[Limit] = (),
    fresh: bool = False,
) -> Report:
    """What the events of a window show, against the window before. Raises DocumentError."""
    from workflow_cli.app.without_collector import without_collector

    with without_collector():  # tallies are many small objects, and all of them are needed to the end
        log = metrics_log(root, settings, now=now().timestamp(), since=float(window.before.begins), fresh=fresh)
        # Only now: other processes help to read a long log, and they are not to wait for this.
        from workflow_cli.app.feedback.make_report import make_report

        if not settings.events.enabled:
            log.degraded.append("events: they are off, so nothing new is recorded")
        muted = settings.rules.disable
        # What is kept may show its damage only when it is looked at.
        return make_report(log, window, by=by, limits=limits, degraded=log.degraded, rules=known_rules, muted=muted)


def known_rules() -> KnownRules:
    """The rules that the loop can mute, and those that have repairs."""
    from workflow_cli.domain.feedback.verdicts import KnownRules
    from workflow_cli.domain.openspec.fixable import FIXABLE
    from workflow_cli.domain.openspec.rules.catalogue import BY_ID

    return KnownRules(mutable=BY_ID.keys(), repaired=frozenset(FIXABLE))


def record_verdict(
    root: Path,
    settings: Settings,
    answer_id: str,
    *,
    accepted: bool,
    because: str,
    by: str | None,
    places: Sequence[str],
) -> tuple[Given, list[str]]:
    """Record a person's verdict; with it what is missing from the log. Raises UsageError, Refused or DocumentError."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.metrics_log.find_answer import find_answer
    from workflow_cli.app.feedback.record_verdict import record_verdict

    _refuse_without_events(settings)
    clock = SystemClock()
    started = clock.elapsed()
    events = event_log(settings, root)
    given = record_verdict(
        answer_id,
        accepted=accepted,
        because=because,
        by=person(root, by).name,
        places=places,
        find=lambda id: find_answer(settings.events.path, id),
        find_place=lambda named: _find_place(root, settings, events, named),
        events=events,
        seconds=lambda: clock.elapsed() - started,
    )
    return given, list(events.degraded)


def _find_place(root: Path, settings: Settings, events: EventLog, named: str) -> str:
    """The full address of a place in a document that is there. Raises UsageError, AddressNotFound or AddressAmbiguous."""
    from workflow_cli.app.read_document import read_excerpt
    from workflow_cli.wiring.documents import open_documents, spec_tree

    with closing(open_documents(root, settings, events)) as documents:
        try:
            found = read_excerpt(documents, named, most=0)
            if documents.read(found.path) is None:
                raise UsageError(f"no document {named!r}")
        except UsageError as error:
            from difflib import get_close_matches

            files = spec_tree(root, settings)
            known = [*(spec.id for spec in files.spec_files()), *files.change_names()]
            near = get_close_matches(named.partition("#")[0], known, n=3, cutoff=0.4)
            error.hint = f"nearest: {', '.join(near)}" if near else "workflow process --all lists what there is"
            raise
        return found.address


def record_finding_verdict(
    root: Path, settings: Settings, target: Target, *, accepted: bool, because: str, by: str | None
) -> tuple[Finding, list[str]]:
    """Record what a person thinks of a finding that is there now. Raises UsageError or Refused."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.event_log import NoEvents
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.adapters.step_record import SqliteStepRecord
    from workflow_cli.app.feedback.record_finding_verdict import record_finding_verdict
    from workflow_cli.app.process import Process
    from workflow_cli.app.selection import select
    from workflow_cli.wiring.documents import open_documents
    from workflow_cli.wiring.process import QuestionsFile, options_from

    _refuse_without_events(settings)
    tree = OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)
    selection = select([target.path], specs=[spec.id for spec in tree.spec_files()], changes=list(tree.change_names()))
    record = SqliteStepRecord(root / STATE_DIRECTORY / "state.db")
    options = replace(options_from(settings, root), steps=("validate", "analyse"))
    events = event_log(settings, root)
    try:
        # It only looks: what was looked at before is not looked at again, and nothing is written about it.
        run = Process(
            tree,
            record,
            QuestionsFile(),
            lambda: open_documents(root, settings, events),
            NoEvents(),
            SystemClock(),
            options,
        )
        items = run.run(selection).items
    finally:
        record.close()
    finding = record_finding_verdict(
        target, items, accepted=accepted, because=because, by=person(root, by).name, events=events
    )
    return finding, list(events.degraded)


def _refuse_without_events(settings: Settings) -> None:
    from workflow_cli.errors import Refused

    if not settings.events.enabled:
        raise Refused(
            "events are off, so there is nowhere to keep a verdict", where="events.enabled", hint="set it to true"
        )


async def narrated(root: Path, settings: Settings, report: Report) -> Report:
    """The report with sentences of a model about it; `degraded` says where there are none, and why."""
    import secrets

    from workflow_cli.adapters.prompt_files import load_prompt
    from workflow_cli.app.feedback.narrate import narrate
    from workflow_cli.wiring.models import lm_studio

    if settings.network.offline:
        return replace(report, degraded=(*report.degraded, "narrative: no server is used (offline)"))
    model = lm_studio(root, settings)
    try:
        return await narrate(report, model, load_prompt("feedback"), fence=lambda: secrets.token_hex(8))
    finally:
        await model.aclose()


def _arms(root: Path) -> list[dict[str, Any]]:
    """Every overlay that the loop ever put in force, as JSON; none where there was no loop, or its ledger is damaged.

    Raises DocumentError for a ledger that may not be read: what is counted without it would be kept.
    """
    from workflow_cli.adapters.state_file import is_there

    state = root / STATE_DIRECTORY
    path, key = state / LEDGER, state / LEDGER_KEY
    if not is_there(path) or not is_there(key):
        return []
    from workflow_cli.adapters.ledger_file import LedgerFile, ledger_key
    from workflow_cli.domain.improvement.arms import overlays_in
    from workflow_cli.errors import DocumentError

    try:
        return [one.as_json() for one in overlays_in(LedgerFile(path, key=ledger_key(key)).read().records).values()]
    except DocumentError as error:
        if error.is_forbidden:
            raise
        return []
