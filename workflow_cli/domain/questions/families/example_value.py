"""A value that a requirement gives only as an example."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import plain, quote

IMPACT = 0.5
UNCERTAINTY = 0.6

_EXAMPLE = re.compile(
    r"[(（]\s*(?:e\.g\.,?|for example,?|for instance,?|such as|like|z\.\s?B\.|p\.\s?ej\.|例如|比如|如|例えば|"
    r"напр(?:имер|\.),?)[:：]?\s*(?P<value>[^()（）]+)[)）]",
    re.I,
)
#: An HTTP status, or a number with a unit; other examples illustrate and need no ruling.
_VALUE = re.compile(
    r"(?:HTTP\s*)?`?[1-5]\d\d`?(?:\b(?!\s*(?:ms|px|kb|mb|s\b|nodes?|items?|characters?|%))|\Z)|"
    r"[<>≥≤~]?\s*\d[\d,.]*\s*(?:%|ms|s|sec(?:onds?)?|min(?:utes?)?|hours?|days?|[kmg]b|px|nodes?|items?|entries|"
    r"rows?|characters?|chars?|"
    r"requests?|tokens?|attempts?|retries|times|个|节点|秒|分钟|件|文字)(?![\w])",
    re.I,
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta, requirement in inquiry.stated:
        for passage in (*inquiry.new_sentences(delta, requirement), *inquiry.new_steps(delta, requirement)):
            for match in _EXAMPLE.finditer(passage.text):
                found = _VALUE.match(plain(match["value"]))
                if found is None:
                    continue
                value = found[0].strip(" `")
                yield Draft(
                    family="example-value",
                    words=f"{value} {passage.text}",
                    text=f"{quote(requirement.name, 80)} says {quote(passage.text, 220, match.start())}. "
                    f"Is “{value}” the rule, or only an example?",
                    why="As an example it binds nobody, and a test that checks it can be called wrong.",
                    options=options(
                        f"The rule: the text says {value} without “e.g.”",
                        "An example: anything of that kind will do, and no test insists on the value",
                    ),
                    place=delta.document.place(passage.line),
                    address=delta_address(
                        delta.id, requirement.name, passage.scenario.name if passage.scenario else None
                    ),
                    impact=IMPACT,
                    uncertainty=UNCERTAINTY,
                )


FAMILY = Family(
    id="example-value",
    reason="A requirement gives an HTTP status, or a number with a unit, in brackets after “e.g.” or its like. Other "
    "examples illustrate and are left alone.",
    ask=ask,
)
