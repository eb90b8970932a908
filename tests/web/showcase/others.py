"""The pages of the demonstration's identity provider."""

from types import SimpleNamespace

from tests.web.showcase.doctor import NAMES
from tests.web.showcase.page import KARI, Page
from venterom.server.demo.flow import Remark


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
