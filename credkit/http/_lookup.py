"""Looking up a host's addresses within a deadline: the system's resolver itself knows none."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from credkit.errors import TimeoutExceeded


def lookup(resolve_host: Callable[[str, int], Sequence[str]], host: str, port: int, timeout_s: float) -> Sequence[str]:
    """The addresses of ``host``.

    Raises:
        OSError: it has none.
        TimeoutExceeded: the resolver took longer than ``timeout_s``; its thread is left to end by itself.
    """
    answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve_host(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("not a host name"))

    threading.Thread(target=ask, daemon=True, name="host lookup").start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty as error:
        raise TimeoutExceeded("the name of the other host could not be looked up in time") from error
    if isinstance(answer, OSError):
        raise answer
    return answer
