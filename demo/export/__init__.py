"""The school export that ships with the demo: OneRoster 1.2 CSV kept as text, zipped when it is needed.

One family at Lincoln High School: Lucía (20391) in her last year with 24 courses, three of them still without a grade,
and her brother Mateo (20877) and sister Sofía (21544).
"""

from __future__ import annotations

import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent / "oneroster"
SCHOOL = "Lincoln High School"
STUDENT_NUMBER = "20391"
_LONG_AGO = (2026, 11, 1, 8, 0, 0)


def build_export(target: Path) -> Path:
    """Write the zip to ``target``; the same bytes every time."""
    with zipfile.ZipFile(target, "w") as archive:
        for source in sorted(FOLDER.glob("*.csv")):
            entry = zipfile.ZipInfo(source.name, _LONG_AGO)
            archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return target
