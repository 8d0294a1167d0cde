"""Watches everything that a browser does: what no page of Curator may do is written down as a fault."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_REPORT = "curatorReports"
# The browser's own event says which directive was broken; its console says so as well where scripts are switched off.
_LISTEN = f"""
document.addEventListener("securitypolicyviolation", (event) => {{
  const words = `${{event.violatedDirective}} at ${{event.documentURI}}: ${{event.blockedURI}}`;
  if (window.{_REPORT}) window.{_REPORT}(words);
}});
"""
_LOCAL = ("data:", "blob:", "about:")


class Guard:
    """The faults of one browser context: requests to elsewhere, broken policies, script errors, broken answers."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self._origin = origin
        context.expose_binding(_REPORT, lambda _source, words: self.faults.append(f"content policy: {words}"))
        context.add_init_script(_LISTEN)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", self._web_error)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", *_LOCAL)):
            self.faults.append(f"a request leaves the origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} answers {response.status}")

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"content policy: {message.text}")

    def _web_error(self, error: WebError) -> None:
        self.faults.append(f"a script fails: {error.error}")
