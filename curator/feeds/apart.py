"""Reads an article in a process of its own, so that a page made to take for ever takes ten seconds."""

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from curator.errors import ParseError
from curator.feeds.article import MAX_BYTES, ReadArticle, article_of

CPU_S = 10
MEMORY_BYTES = 2_000_000_000
"""Address space, of which the libraries alone map some 400 MB."""

_WALL_S = 60
"""On a busy machine ten seconds of CPU take longer."""

_ROOT = Path(__file__).parents[2]
_TOO_MUCH = "The page cannot be read: taking the article out of it takes too long or too much memory."


def article_apart(body: bytes, *, url: str, content_type: str = "") -> ReadArticle:
    """Returns what `article_of` does, or raises ParseError, also when the page takes more than ten seconds of CPU."""
    told = json.dumps({"url": url, "content_type": content_type}).encode() + b"\n" + body[:MAX_BYTES]
    # No environment: the process that reads hostile pages has no business with our keys.
    command = [sys.executable, "-P", "-m", "curator.feeds.apart"]
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours; the page goes in by standard input
            command, input=told, capture_output=True, timeout=_WALL_S, check=False, env={"PYTHONPATH": str(_ROOT)}
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {"error": _TOO_MUCH}
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise ParseError(_TOO_MUCH) from error
    if "error" in answer:
        raise ParseError(answer["error"])
    return ReadArticle(**answer)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    try:
        answer: dict[str, object] = asdict(article_of(body, url=asked["url"], content_type=asked["content_type"]))
    except ParseError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
