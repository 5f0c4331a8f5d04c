"""``python -m demo.export [TARGET]``: write the demo's school export as a zip."""

from __future__ import annotations

import sys
from pathlib import Path

from demo.export import build_export

print(build_export(Path(sys.argv[1] if len(sys.argv) > 1 else "lincoln-export.zip")))
