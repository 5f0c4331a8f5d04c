"""``python -m demo``: tell the story, then leave the town open until Ctrl-C (``DEMO_ONCE=1``: end at once).

Exit code 0 if and only if every step came out as told.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from demo.story import Narrator, tell
from demo.town import StoryError, Town


def main() -> int:
    """Tell the story."""
    story = os.environ.get("STORY", "")
    if story:
        print(f"There is no story called {story} yet. Run make demo for the one there is.", file=sys.stderr)
        return 2
    once = os.environ.get("DEMO_ONCE") == "1"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="backpack-demo-") as folder, Town(Path(folder)) as town:
        narrator = Narrator()
        try:
            tell(town, narrator)
        except StoryError as error:
            narrator.broken(error)
            return 1
        except KeyboardInterrupt:
            return 130
        narrator.addresses(town)
        if not once:
            wait_for_ctrl_c()
    return 0


def wait_for_ctrl_c() -> None:
    """Return when the person at the terminal has seen enough."""
    print("\nThe four servers stay up. Stop them with Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
