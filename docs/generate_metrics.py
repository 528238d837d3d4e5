"""The reference page of the metrics, made from them; `generate.py` writes it."""

from __future__ import annotations

from workflow_cli.app.feedback.words import AREAS
from workflow_cli.domain.feedback.metrics import METRICS

_HEAD = """\
# Metrics

<!-- Made from the metrics themselves by `make docs`; change those. -->

What `workflow feedback` counts, out of the [events](events.md) of a window. `workflow feedback --metrics` prints the list;
the names are those of `--fail-on` and of the JSON report, which `workflow_cli/schemas/feedback-report.schema.json` describes.
[How to read it](../how-to/read-feedback.md) is told elsewhere.

A `ms` is a duration in milliseconds, a `share` a number from 0 to 1, a `count` a number of things.

"""

_TAIL = """\
## The window

`--since 12h` looks at whole hours until the end of this one, `--since 7d` and `--since 4w` at whole days (UTC) until the end
of today; more than 36 hours are counted in days. The window before is as long and ends where this one begins. Today is not
over, so counts are not compared; times and shares are.

## How sure a value is

| of | the interval, 95 of 100 | says something from |
|---|---|---|
| a share | Wilson's | 20 cases |
| a time | between two of the observed times, by the binomial distribution: no shape is assumed | where there are enough for an upper end: 6 cases for half, 72 for 95 of 100, 368 for 99 of 100 |

Below that the report says *not enough data: 7 of 20*, and claims nothing. Times are kept in steps of two per cent, so each is
right to one per cent.

*Better* and *worse* are said where a change is at least one point of a share or 5 % of a time, and so sure that chance would
show as much in fewer than 2 of 1,000 metrics: two dozen are looked at each time. For shares that is Newcombe's interval of
the difference; for times, that the intervals of both windows do not touch.

## Verdicts

| what | counts as |
|---|---|
| `workflow feedback accept`, `reject` | accepted, rejected; of several by one person on one answer, the last |
| `workflow ask --wrong` | rejected |
| the same words asked again by the same asker within ten minutes | a weak rejection, which is a metric of its own; who is not named counts as one asker |

On findings, by rule:

| what | counts as |
|---|---|
| `workflow feedback accept`, `reject` of a finding; an answer in `questions.yaml` that says so | accepted, rejected; of several by one person on one finding, the last; answers are told again, and what was said in the window before and is only told again counts there alone |
| a repair that is approved, rejected or undone | accepted, rejected, rejected, for the rule whose finding it mends; what became of it last |

The report has for each rule how many were accepted and rejected, the share that was accepted with its interval, and whether that
is better or worse than in the window before. Where more than half were rejected, that is an insight, with the lever that can mute
the rule; OpenSpec's own rules cannot be muted.

Somebody who rejects, or accepts, nearly everything where the others do not is left out: on ten verdicts or more, far from the
middle of at least two others.

## Insights

What is worth changing, the dearest first. The cost is measured: seconds that somebody or something waited for what was of no
use, in the window. What it cost afterwards is not in it, because nothing measured that. Each names the events that show it,
three at most, and the lever of the loop that could act, where there is one.

## Lines that are set aside

They are counted, and believed in nothing.

| reason | the line |
|---|---|
| `unreadable` | is no JSON object: torn, damaged, of something else |
| `malformed` | is no event: a field is missing, or not what it has to be, such as a negative duration |
| `duplicate` | has an `event_id` that was there |
| `out_of_order` | is more than two hours older than what the log has come to |
| `from_the_future` | is more than two hours later than now |
| `forged` | is a verdict on an answer that was not given on the day it names, where the log reaches back so far, or a question that claims an arm of an experiment which it was not drawn for |

Clocks differ, so a log has not come to whatever a line says. A leap of more than two hours, as after a night, is only believed once
the lines after it have gone on for two hours, with none between them from before it. So a few lines of a clock that is ahead set
nothing aside: they are from the future as long as they are, and then events of that moment. Lines of such a clock alone, for more
than two hours, are believed, and what others write afterwards is out of order.

Fields that are not known are passed over, and missing ones were not said, so that lines of older and newer versions are read.

## What is kept

Of a long log, only the end is counted: both windows, and a day more. What came before matters only through what is remembered
for some hours, unless one of its events was later than those after it. So the moments of all those lines are looked at, and where
they do not rule that out, or a window is asked about that reaches further back, everything is counted. The figures are the same
either way.

`.workflow/feedback.db` holds the sums of each day, and of each hour of the last three days, and how far each file was read; the
next run reads what came after. It may be deleted. Where the files are no longer those that were read, because one was
removed or begins or ends differently, or where a line that was from the future is not any more, or a clock was put back, everything
is read again, and so it is with `--fresh`. Text inside a file that is changed
with its length, beginning and end left alone is noticed by `--fresh` only.
"""


def metrics_page() -> str:
    lines = []
    for area, parts in AREAS.items():
        lines += [f"## {area}", "", "| metric | unit | better | counts |", "|---|---|---|---|"]
        for metric in METRICS:
            if metric.area in parts:
                lines.append(f"| `{metric.name}` | {metric.unit} | {metric.better or '–'} | {metric.says} |")
        lines.append("")
    return _HEAD + "\n".join(lines) + "\n" + _TAIL
