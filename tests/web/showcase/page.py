"""One page in one state, rendered as a browser gets it, without a service.

The values it is given are the real ones of `queue`, `journal` and `web`, so that a page which asks
for something they do not have fails here. Everybody in it is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tests.queue.make import NOON, after
from venterom.journal import texts
from venterom.queue.view import Forecast
from venterom.rtc.quality import Figures, Verdict
from venterom.rtc.tested import Microphone, Speaker, Way
from venterom.server.demo import identity
from venterom.web import pages, text
from venterom.web.measured import Check

DAY = date(2026, 11, 24)
KARI, SOLVEIG, INSURER = "Kari Prøvdal", "Solveig Legeprøve", "Fjellprøve Forsikring"
ROOM = {
    "role": "patient",
    "socket": "/visit/v1/signal",
    "ticket": "a.b",
    "ice": [],
    "leave": "/visit/v1",
}
TRIAL = {"ticket": "a.b", "ice": [], "echo": "/visit/v1/echo", "check": "/visit/v1/check"}
FORECAST = Forecast(True, True, after(20), 0, 3, None)
ENVIRONMENTS = pages.environments(pages.read_static())


@dataclass(frozen=True)
class Page:
    """A template, what it is given, and who looks at it from which address."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    at: str = "/"
    me: str = ""

    @property
    def is_the_providers(self) -> bool:
        """Whether this is a page of the demonstration's own identity provider."""
        return self.template.startswith("demo/")

    def render(self, language: str) -> str:
        """The page as a browser gets it."""
        if self.is_the_providers:
            return PROVIDERS[language].get_template(self.template[5:]).render(self.context)
        shared = {
            "demo": True,
            "messages": True,
            "me": SimpleNamespace(name=self.me) if self.me else None,
            "here": self.at,
            "now": NOON,
            "asked": "",
            "csrf_field": lambda: Markup('<input type="hidden" name="csrf" value="token">'),
            "drawer_token": lambda: "token",
            "own_sign_ins": "/sign-ins",
            "sign_out": "/sign-out",
        }
        given = {**shared, **self.context}
        if self.template == "intake/consent.html":
            given |= {"text": texts.page(language), "language": language}
        return ENVIRONMENTS[language].get_template(self.template).render(given)


def _provider(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(identity.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(text.translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals["lang"] = language
    return environment


PROVIDERS = {language: _provider(language) for language in text.LANGUAGES}


def check(
    verdict: Verdict = Verdict.GOOD,
    *,
    camera: bool = True,
    microphone: Microphone = Microphone.HEARD,
    speaker: Speaker = Speaker.HEARD,
    way: Way = Way.OPEN,
    **figures: int,
) -> Check:
    """A technical test of visit v1 with this outcome."""
    measured = Figures(**figures)
    return Check("v1", after(-2), verdict, camera, microphone, speaker, way, measured)
