"""GEPA as the search for an advice: it proposes, and nothing it prefers is believed.

On pure noise it returns something "better" more often than not. So all it does here is to choose what is tried; what a
model wrote passes our own filter first, and whether it helps is decided elsewhere, on other questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.domain.improvement.replayed import Sample

ADVICE = "advice"
_MINIBATCH = 4


def is_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("gepa") is not None


def search(
    seed: str,
    train: Sequence[Sample],
    held: Sequence[Sample],
    *,
    score: Callable[[str, Sample], float],
    propose: Callable[[str, Sequence[tuple[Sample, float]]], str],
    most_calls: int,
) -> str:
    """The advice that GEPA likes best after so many scores, `seed` where that is it.

    `score` gives what an answer with an advice was worth, in [0, 1]; `propose` a better advice out of what went wrong with
    one, or the same one where nothing can be made of the model's reply. Both may raise to end the search.
    """
    from gepa.api import optimize

    adapter: Any = _Adapter(score, propose)
    result: Any = optimize(
        seed_candidate={ADVICE: seed},
        trainset=list(train),
        valset=list(held),
        adapter=adapter,
        max_metric_calls=most_calls,
        reflection_minibatch_size=_MINIBATCH,
        seed=0,
        logger=_Silent(),
        display_progress_bar=False,
        raise_on_exception=True,
    )
    return str(result.best_candidate[ADVICE])


class _Adapter:
    def __init__(
        self, score: Callable[[str, Sample], float], propose: Callable[[str, Sequence[tuple[Sample, float]]], str]
    ) -> None:
        self._score = score
        self._propose = propose

    def evaluate(self, batch: list[Any], candidate: dict[str, str], capture_traces: bool = False) -> Any:
        from gepa.core.adapter import EvaluationBatch

        scores = [self._score(candidate[ADVICE], sample) for sample in batch]
        traces = list(zip(batch, scores, strict=True)) if capture_traces else None
        return EvaluationBatch(outputs=list(scores), scores=scores, trajectories=traces)

    def make_reflective_dataset(
        self,
        candidate: dict[str, str],  # noqa: ARG002 - the protocol's
        eval_batch: Any,
        components_to_update: list[str],
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        told = [{"sample": sample, "score": score} for sample, score in eval_batch.trajectories or ()]
        return dict.fromkeys(components_to_update, told)

    def propose_new_texts(
        self,
        candidate: dict[str, str],
        reflective_dataset: Mapping[str, Sequence[Mapping[str, Any]]],
        components_to_update: list[str],  # noqa: ARG002
    ) -> dict[str, str]:
        told = [(one["sample"], one["score"]) for one in reflective_dataset[ADVICE]]
        return {ADVICE: self._propose(candidate[ADVICE], told)}


class _Silent:
    def log(self, message: str) -> None: ...
