"""``python -m demo``: tell a story, then leave the town open until Ctrl-C (``DEMO_ONCE=1``: end at once).

``STORY`` names a chapter; without it the usual story is told. Exit code 0 if and only if every step came out as told.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from demo.narrating import Narrator
from demo.stories import STORIES, story
from demo.story import STORY as USUAL_STORY
from demo.town import StoryError, Town

UNKNOWN = 2


def main() -> int:
    """Tell the story that was asked for."""
    name = os.environ.get("STORY", "")
    chosen = story(name) if name else USUAL_STORY
    if chosen is None:
        print(f"There is no story called {name}. There are:", file=sys.stderr)
        for each in STORIES:
            print(f"   {each.name:<12} {each.about}", file=sys.stderr)
        return UNKNOWN
    once = os.environ.get("DEMO_ONCE") == "1"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="backpack-demo-") as folder, Town(Path(folder), chosen.places) as town:
        narrator = Narrator()
        try:
            chosen.tell(town, narrator)
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
    print("\nThe servers stay up. Stop them with Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
