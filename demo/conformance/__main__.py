"""``python -m demo.conformance --http PORT --https PORT --dids FILE``: prints ``ready`` once both ports answer.

``python -m demo.conformance jose …`` and ``schema …`` are commands of their own; ``--help`` behind either tells more.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

from werkzeug.serving import make_server

from demo.conformance import jose, schema
from demo.conformance.app import create_app
from demo.conformance.issuing import Issuers
from demo.conformance.profile import Keys, build_environment
from demo.conformance.resolution import resolve
from demo.conformance.tls import make_tls

_HOST = "localhost"
_COMMANDS = {"jose": jose.run, "schema": schema.run}


def main() -> None:
    """Run the command that is named first, or serve."""
    command = _COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command is None:
        serve()
    else:
        command(sys.argv[2:])


def serve() -> None:
    """Serve on both ports until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m demo.conformance", description=__doc__)
    parser.add_argument("--http", type=int, required=True, help="port for plain http; 0 takes a free one")
    parser.add_argument("--https", type=int, required=True, help="port for https; 0 takes a free one")
    parser.add_argument("--dids", type=Path, required=True, help="where the issuers' DIDs are written")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tls, authority = make_tls(Path(folder))
        keys, environment = Keys(), build_environment(authority)
        ports: dict[str, int] = {}
        issuers = Issuers(keys, environment, lambda: f"https://{_HOST}:{ports['https']}/status/1")
        app = create_app(issuers, environment, partial(resolve, environment.resolver))
        plain = make_server(_HOST, arguments.http, app, threaded=True)
        secure = make_server(_HOST, arguments.https, app, threaded=True, ssl_context=tls)
        ports.update(http=plain.server_port, https=secure.server_port)
        arguments.dids.write_text(json.dumps(keys.dids()), encoding="utf-8")
        threading.Thread(target=secure.serve_forever, daemon=True).start()
        print(f"http://{_HOST}:{plain.server_port} https://{_HOST}:{secure.server_port}")
        print("ready", flush=True)
        try:
            plain.serve_forever()
        except KeyboardInterrupt:
            secure.shutdown()


if __name__ == "__main__":
    main()
