"""`python -m bench.memory < credential.json`: peak memory in megabytes of verifying it in a fresh process.

Linux's own ``VmHWM`` is read: ``getrusage`` would count the parent that started the process, too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bench.ours import environment
from credkit.encoding import parse_json_object
from credkit.verification import Policy, verify_credential


def peak_mb() -> float:
    """The largest resident size this process has had, in megabytes."""
    match = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    if match is None:
        raise RuntimeError("this system does not tell the peak memory of a process")
    return int(match[1]) * 1024 / 1e6


if __name__ == "__main__":
    report = verify_credential(parse_json_object(sys.stdin.read()), Policy(check_status=False), environment())
    if not report.verified:
        sys.exit("the credential does not verify")
    sys.stdout.write(f"{peak_mb():.1f}")
