"""The smallest browser that a demo needs: one host, cookies, and the forms of the page it is on."""

import re
from html import unescape
from http.client import HTTPConnection  # noqa: TID251 - a plain client is what the pages are tried with
from urllib.parse import urlencode, urlsplit


class Browser:
    """Follows links and presses buttons on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.status = 0
        self.path = ""
        self.page = ""

    def get(self, url: str) -> str:
        """Goes to a page, redirects included."""
        return self._ask("GET", url, None)

    def press(self, label: str) -> str:
        """Presses the first button whose words begin so, and sends its form (what is typed in it is left out)."""
        forms = re.findall(r'<form method="post" action="([^"]+)".*?>(.*?)</form>', self.page, re.DOTALL)
        for action, inside in forms:
            # A button may show its key first.
            if pressed := re.search(rf"<button([^>]*)>\s*(?:<[^>]+>[^<]*</[^>]+>\s*)?{re.escape(label)}", inside):
                found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside)
                found += re.findall(r'name="([^"]+)" value="([^"]*)"', pressed.group(1))
                return self._ask("POST", unescape(action), {name: unescape(value) for name, value in found})
        raise AssertionError(f"no button {label!r} on {self.path}")

    def send(self, action: str, fields: dict[str, str]) -> str:
        """Sends a form of the page with what is typed in it."""
        token = re.findall(r'name="csrf_token" value="([^"]*)"', self.page)[0]
        return self._ask("POST", action, {"csrf_token": token, **fields})

    def _ask(self, method: str, url: str, form: dict[str, str] | None) -> str:
        parts = urlsplit(url)
        self.path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        connection.request(method, self.path, body=None if form is None else urlencode(form), headers=headers)
        response = connection.getresponse()
        self.status, self.page = response.status, response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        connection.close()
        if self.status in (301, 302, 303):
            return self._ask("GET", response.headers["Location"], None)
        return self.page
