"""A page opened in Chromium, with an eye on all that it says, asks for and is refused."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Page, Route

from tests.browser.chromium import AXE

PHONE, DESK = 390, 1440
THEMES = ("light", "dark")
VIOLATIONS = """
window.violations = [];
addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  const beyond = [...document.body.querySelectorAll('*')].filter(
    e => !hidden(e) && (edge(e).right > wide + 0.5 || edge(e).left < -0.5));
  function edge(e) { return e.getBoundingClientRect(); }
  function hidden(e) { return e.closest('thead') && getComputedStyle(e.closest('thead')).clipPath !== 'none'; }
  const page = document.documentElement;
  return [...(page.scrollWidth > wide ? [`the page: ${page.scrollWidth} > ${wide}`] : []),
          ...beyond.map(e => `${e.tagName} ${e.className.baseVal ?? e.className}: ${edge(e).right}`)];
}"""


@dataclass
class Opened:
    """A page, and what it did that a page of ours must not do."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __call__(self, script: str, *arguments: Any) -> Any:
        return self.page.evaluate(script, *arguments)

    @property
    def all_faults(self) -> list[str]:
        """Of the console, of the network, and what the Content-Security-Policy refused."""
        return [*self.faults, *self("() => window.violations")]

    @property
    def overflowing(self) -> list[str]:
        """What is wider than the window."""
        return list(self(OVERFLOWING))

    def accessibility(self) -> list[dict[str, Any]]:
        """What axe-core finds wrong, each with where."""
        self(AXE.read_text())
        found = self(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        return [
            {
                "rule": one["id"],
                "impact": one["impact"],
                "where": [
                    node["html"][:200] + " " + node["failureSummary"] for node in one["nodes"][:3]
                ],
            }
            for one in found
        ]


def opened(
    browser: Browser, html: str, folder: Path, *, theme: str = "light", width: int = DESK
) -> Opened:
    """The page as a file, as its reader opens it: with no network, and nothing forgiven."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 900},
        locale="en-GB",
    )
    found = Opened(context.new_page())
    page, own = found.page, path.as_uri()

    def block(route: Route) -> None:
        if route.request.url == own and route.request.is_navigation_request():
            route.continue_()
        else:
            found.faults.append(f"requested {route.request.url[:200]}")
            route.abort()

    def dialog(box: Dialog) -> None:
        found.faults.append(f"dialog: {box.message}")
        box.dismiss()

    page.route("**/*", block)
    page.on(
        "console", lambda message: found.faults.append(f"console {message.type}: {message.text}")
    )
    page.on("pageerror", lambda error: found.faults.append(f"script: {error}"))
    page.on("dialog", dialog)
    page.on("popup", lambda _: found.faults.append("opened a window"))
    page.on("websocket", lambda one: found.faults.append(f"websocket {one.url}"))
    page.add_init_script(VIOLATIONS)
    page.goto(own)
    return found
