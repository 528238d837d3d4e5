"""Writes the pages that are made from the code: `make docs`."""

from __future__ import annotations

from pathlib import Path

from workflow_cli.settings.describe import reference_page

DOCS = Path(__file__).parent

PAGES = {"reference/configuration.md": reference_page}


def main() -> None:
    for name, make in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
