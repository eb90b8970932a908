"""The insurer's page, and those of the demonstration's identity provider."""

from types import SimpleNamespace

from tests.web.showcase.doctor import NAMES
from tests.web.showcase.page import DAY, KARI, Page
from tests.web.showcase.page import INSURER as COMPANY
from venterom.queue.coverage.insurer import PolicyView
from venterom.server.demo.flow import Remark
from venterom.web import forms


def _insurer(view: PolicyView | None = None, **errors: str) -> Page:
    number = view.number if view else "X" if errors else ""
    context = {
        "form": {"number": number},
        "errors": errors,
        "view": view,
        "month": DAY,
        "insurer": COMPANY,
    }
    return Page("insurer/check.html", context, "/insurer", "Grete Kontrolltest")


def _choose(crowd: int = 0) -> Page:
    remarks = (Remark("%(age)s år", {"age": 41}), Remark("uten polise"))
    people = [SimpleNamespace(subject=name, name=name, remarks=remarks) for name in NAMES]
    client = SimpleNamespace(title="pasient", people=people, crowd=people[:crowd])
    return Page("demo/choose.html", {"client": client, "asked": {"state": "s", "scope": "openid"}})


MESSAGE = {
    "to": KARI,
    "at": "12:04",
    "parts": ("Legen er klar for deg om få minutter: ", "/j#a", " Hilsen Venterom"),
}
INSURER = {
    "insurer": _insurer(),
    "insurer-valid": _insurer(PolicyView("FJP-107919", True, "Behandling Pluss", DAY, 2)),
    "insurer-expired": _insurer(PolicyView("FJP-107919", False, "Behandling Pluss", DAY, 1)),
    "insurer-unknown": _insurer(PolicyView("FJP-000000")),
    "insurer-malformed": _insurer(number=forms.BAD_POLICY_NUMBER),
}
PROVIDER = {
    "demo-choose": _choose(),
    "demo-choose-crowd": _choose(crowd=3),
    "demo-doors": Page("demo/doors.html", {"url": ""}),
    "demo-inbox": Page("demo/inbox.html", {"messages": [MESSAGE, MESSAGE]}),
    "demo-inbox-empty": Page("demo/inbox.html", {"messages": []}),
    "demo-mistake": Page(
        "demo/mistake.html",
        {"mistake": SimpleNamespace(error="invalid_request", description="redirect_uri differs")},
    ),
}
