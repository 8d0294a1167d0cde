"""How long it takes from `curator demo` to the sign-in link, against a bare `python -c pass` of the same run."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CURATOR = Path(sys.executable).with_name("curator")
RUNS = 3


def main() -> None:
    """Prints one JSON line: the median of fresh starts and of restarts, in seconds."""
    fresh, again = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            fresh.append(_seconds_to_link(folder))
            again.append(_seconds_to_link(folder))
    bare = sorted(_seconds_of_bare_python() for _ in range(RUNS))[RUNS // 2]
    figure = sorted(fresh)[RUNS // 2]
    line = {
        "figure": "seconds from `curator demo` to its sign-in link, fresh data folder",
        "value": round(figure, 2),
        "restart": round(sorted(again)[RUNS // 2], 2),
        "peer": "python -c pass",
        "peer_value": round(bare, 3),
        "ratio": round(figure / bare, 1),
        "how": f"median of {RUNS} runs, one after the other",
    }
    print(json.dumps(line))


def _seconds_to_link(folder: str) -> float:
    environ = {"PATH": os.defpath, "CURATOR_DATA_DIR": folder}
    begun = time.perf_counter()
    demo = subprocess.Popen(
        [CURATOR, "demo", "--port", str(_free_port())], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    try:
        for line in demo.stdout:
            if "/desk/enter?t=" in line:
                return time.perf_counter() - begun
        raise SystemExit("the demo ended without printing a link")
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(30)
        demo.stdout.close()


def _seconds_of_bare_python() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
