"""Names in the archive."""

from __future__ import annotations

from datetime import date

import pytest

from workflow_cli.domain.openspec.archiving.place import archive_name

DAY = date(2026, 3, 7)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        pytest.param("add-login", "2026-03-07-add-login", id="the day comes before the name"),
        pytest.param("2020-01-02-add", "2020-01-02-add", id="a date is kept"),
        pytest.param("9999-99-99-add", "9999-99-99-add", id="anything of that form is a date to OpenSpec"),
        pytest.param("2020-01-02", "2026-03-07-2020-01-02", id="a date without a dash after it is a name"),
        pytest.param("٢٠٢٠-٠١-٠٢-x", "2026-03-07-٢٠٢٠-٠١-٠٢-x", id="only ASCII digits make a date"),
    ],
)
def test_archive_name(change: str, name: str) -> None:
    """As OpenSpec names it."""
    assert archive_name(change, DAY) == name
