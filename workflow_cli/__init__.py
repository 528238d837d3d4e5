"""Checks, asks, edits and improves OpenSpec trees."""

__version__ = "0.1.0"

__all__ = [
    "DocumentManager",
    "FeedbackLoop",
    "QuestionRouter",
    "WorkflowError",
    "WorkflowOrchestrator",
    "__version__",
]

# Not imported from `typing`, which takes longer than the answer to --version; type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from workflow_cli.api.document_manager import DocumentManager
    from workflow_cli.api.feedback_loop import FeedbackLoop
    from workflow_cli.api.question_router import QuestionRouter
    from workflow_cli.api.workflow_orchestrator import WorkflowOrchestrator
    from workflow_cli.errors import WorkflowError
else:
    _HOMES = {
        "DocumentManager": "workflow_cli.api.document_manager",
        "FeedbackLoop": "workflow_cli.api.feedback_loop",
        "QuestionRouter": "workflow_cli.api.question_router",
        "WorkflowError": "workflow_cli.errors",
        "WorkflowOrchestrator": "workflow_cli.api.workflow_orchestrator",
    }

    def __getattr__(name):
        """The classes of the Python API, imported when they are first asked for: no command needs them."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
