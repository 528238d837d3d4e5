"""The settings that the loop tunes: `workflow.yaml`, written like every document, and the overlay beside the state.

One promotion is one revision, by the author `rule loop`. Taking it back writes the bytes from before where the file still
is what the promotion left, and else takes out the change alone: edits of others stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.settings_rollback import SettingsChange
from workflow_cli.adapters.yaml_splice import with_values
from workflow_cli.domain.improvement.real_settings import REAL, Path, Values, as_settings, knob_values, written
from workflow_cli.domain.improvement.told_settings import Turned, told, turned
from workflow_cli.domain.review.draft import FileChange, content_hash, draft_of
from workflow_cli.domain.review.of_the_loop import EXPERIMENT, LOOP, PART, PROMOTION, ROLLBACK
from workflow_cli.errors import DocumentError, EditRefused, StaleDocument, WaitsForPerson

if TYPE_CHECKING:
    from workflow_cli.adapters.overlay_file import OverlayFile
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.review_drafts import Submitted
    from workflow_cli.domain.improvement.arms import Overlay
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.setting_values import Settings
    from workflow_cli.domain.review.draft import Draft
    from workflow_cli.domain.review.revision import Revision

_NO_FILE = "none"


class TunedSettings:
    """`file` is the path from the root. `values` reads the settings anew, and tells which are the file's to give.

    `offered` is what there is to choose from, such as the models of a server: read by levers, and never turned.
    """

    def __init__(
        self,
        documents: Documents,
        overlay: OverlayFile,
        *,
        submit: Callable[[Draft], Submitted],
        values: Callable[[], tuple[Values, Callable[[str], bool]]],
        file: str = "workflow.yaml",
        offered: Callable[[], Settings] = dict,
    ) -> None:
        self._documents = documents
        self._overlay = overlay
        self._submit = submit
        self._values = values
        self._file = file
        self._offered = offered

    def base(self) -> Settings:
        values, turnable = self._values()
        return {**knob_values(values, turnable=turnable), **self._offered()}

    def written(self, changes: Settings) -> tuple[Settings, Settings]:
        """See Tuning."""
        values, _ = self._values()
        silent = {name: value for name, value in changes.items() if not REAL[name].tells(value)}
        wanted = as_settings(silent, values)
        return wanted, {name: values[name] for name in wanted}

    def told(self, changes: Settings) -> Mapping[str, Any]:
        """What is in force of the settings that changes turn, by dotted name, as the changes are told."""
        values, turnable = self._values()
        now = knob_values(values, turnable=turnable)
        known = {name: value for name, value in changes.items() if name in now}
        return {**told({name: now[name] for name in known}), **self.written(known)[1]}

    def fingerprint(self) -> str:
        return content_hash(self._documents.read(self._file)) or _NO_FILE

    def staged(self) -> Overlay | None:
        return self._overlay.staged()

    def stage(self, overlay: Overlay | None) -> None:
        self._overlay.stage(overlay)

    def obstacle(self, changes: Settings) -> str | None:
        """See Tuning."""
        before = self._documents.read(self._file)
        try:
            after = with_values(before, written(changes, self._values()[0]), self._file)
            self._documents.check(self._draft(before, after))
        except (EditRefused, DocumentError) as refused:
            return f"{refused}; {refused.hint}" if refused.hint else str(refused)
        return None

    def is_written(self, experiment: Experiment) -> bool:
        """See Tuning."""
        return self._promotion_of(experiment) is not None

    def promote(self, experiment: Experiment) -> Mapping[str, Any]:
        """See Tuning. Raises what writing raises; then the settings are as they were."""
        with self._documents.lock():
            if (known := self._promotion_of(experiment)) is not None:
                return known  # also where somebody edited it since: an approval is used once, and what they made of it is theirs
            before = self._documents.read(self._file)
            values, turnable = self._values()
            in_force = knob_values(values, turnable=turnable)
            wanted, now = self.written(experiment.changes)
            if wanted == now and all(in_force.get(name) == value for name, value in experiment.changes.items()):
                # Edited since, or set by somebody: that is theirs, see `restore`.
                return {"file": self._file, "before": content_hash(before), "after": content_hash(before)}
            if (content_hash(before) or _NO_FILE) != experiment.base:
                raise StaleDocument(
                    "the file changed since the experiment began; nothing was written", where=self._file
                )
            after = with_values(before, written(experiment.changes, values), self._file)
            because = f"{experiment.lever}: {experiment.hypothesis}"
            self._write(before, after, experiment, PROMOTION, because)
            return {"file": self._file, "before": content_hash(before), "after": content_hash(after)}

    def restore(self, experiment: Experiment, promotion: Mapping[str, Any]) -> bool:
        """See Tuning."""
        with self._documents.lock():
            now = self._documents.read(self._file)
            before, after = promotion.get("before"), promotion.get("after")
            if content_hash(now) == before != after:
                return True
            if before == after:
                return False
            old = None if before is None else self._documents.content(str(before))
            change = SettingsChange(old or b"", self._documents.content(str(after)), self._file)
            is_ours = change.is_as_made_in(now or b"")
            if change.is_gone_from(now or b"") or (not is_ours and self._is_rolled_back(experiment)):
                return True
            if now is None:
                return False
            back, because = old, f"{experiment.lever} is taken back: the bytes from before"
            if content_hash(now) != after:
                because = f"{experiment.lever} is taken back; what was edited since stays"
                without = change.taken_out_of(now, lambda: self._in_force_before(experiment))
                if without is None:
                    return False
                back = without if without.strip() or old is not None else None
            self._write(now, back, experiment, ROLLBACK, because)
            return not self._is_in_force(experiment)

    def _in_force_before(self, experiment: Experiment) -> Mapping[Path, Any]:
        known = {name: value for name, value in experiment.before.items() if value is not None}
        return written(known, self._values()[0])

    def _is_in_force(self, experiment: Experiment) -> bool:
        """Whether any of a change is in force: read anew, and not believed of what was written."""
        base = self.base()
        return any(base.get(name) == value != experiment.before.get(name) for name, value in experiment.changes.items())

    def _is_rolled_back(self, experiment: Experiment) -> bool:
        """Whether the history has the rollback: a person approved it, and may have set something else since."""
        last = self._last_of(experiment)
        return last is not None and last.provenance.get(PART) == ROLLBACK

    def _promotion_of(self, experiment: Experiment) -> dict[str, Any] | None:
        """What the history says of the last promotion of an experiment that was not taken back."""
        last = self._last_of(experiment)
        if last is None or last.provenance.get(PART) != PROMOTION:
            return None
        file = next(one for one in last.files if one.path == self._file)
        return {"file": self._file, "before": file.before, "after": file.after}

    def _last_of(self, experiment: Experiment) -> Revision | None:
        """The last thing that was done for it."""
        of = (r for r in self._documents.revisions(path=self._file) if r.provenance.get(EXPERIMENT) == experiment.id)
        return max(of, key=lambda revision: revision.number, default=None)

    def _write(
        self, before: bytes | None, after: bytes | None, experiment: Experiment, part: str, because: str
    ) -> None:
        draft = self._draft(
            before,
            after,
            operations=[_operation(one, part) for one in turned(experiment.before, experiment.changes)],
            because=because,
            provenance={EXPERIMENT: experiment.id, PART: part},
        )
        submitted = self._submit(draft)
        if submitted.waiting:
            raise WaitsForPerson(
                f"the settings are protected: {', '.join(sorted({r.rule for r in submitted.reasons}))}",
                draft=draft.id,
                where=self._file,
                hint=f"workflow review approve {draft.id} --because ...; the loop goes on then",
            )

    def _draft(self, before: bytes | None, after: bytes | None, **said: Any) -> Draft:
        return draft_of([FileChange(path=self._file, before=before, after=after)], author=LOOP, **said)


def _operation(one: Turned, part: str) -> str:
    old, new = (json.dumps(value, ensure_ascii=False) for value in (one.old, one.new))
    if part == PROMOTION:
        return f"set {one.name} to {new}"
    return f"set {one.name} back" if one.old is None else f"set {one.name} back to {old}"
