"""The web of the run without a screen: a real port, several at once, and an end that leaves nothing open."""

import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from curator.demo.visitor import Visitor
from curator.demo.webserver import WebServer


def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    size = int(environ.get("CONTENT_LENGTH") or 0)
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode() + environ["wsgi.input"].read(size)]


def test_it_answers_on_the_port_that_it_named_before() -> None:
    with WebServer() as web, Visitor() as visitor:
        web.serve(echo)
        assert visitor.get(f"{web.url}/a").text == "GET /a "
        assert visitor.post(f"{web.url}/b", {"name": "Mina & Theo"}).text == "POST /b name=Mina+%26+Theo"


def test_one_that_waits_does_not_hold_up_the_others() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            entered.set()
            leave.wait(20)
        return echo(environ, start)

    with WebServer() as web, Visitor() as visitor:
        web.serve(slow)
        waiting = threading.Thread(target=visitor.get, args=(f"{web.url}/slow",))
        waiting.start()
        assert entered.wait(60)
        assert visitor.get(f"{web.url}/quick").text == "GET /quick "
        leave.set()
        waiting.join()
