"""From which address somebody calls, and whose word is taken for it."""

import pytest

from venterom.web.address import Proxies, network_of

PROXIES = Proxies.named(("127.0.0.1", "::1", "10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        # nobody between us
        ("203.0.113.9", [], "203.0.113.9"),
        # a stranger's word is not taken for it
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("203.0.113.9", ["127.0.0.1"], "203.0.113.9"),
        # our proxy's is
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        # what the caller wrote before it came to the proxy is not
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        # two proxies of ours, one behind the other
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        # a proxy that does not say for whom it speaks
        ("127.0.0.1", [], ""),
        ("127.0.0.1", ["10.1.2.3"], ""),
        ("127.0.0.1", [""], ""),
        ("127.0.0.1", ["unknown"], ""),
        ("127.0.0.1", ["203.0.113.9, <script>"], ""),
        # one household has a whole network
        ("127.0.0.1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ("2001:db8:1:2:aaaa::1", [], "2001:db8:1:2::"),
        ("", [], ""),
    ],
)
def test_who_calls(peer: str, forwarded: list[str], caller: str) -> None:
    assert PROXIES.caller(peer, forwarded) == caller


def test_without_proxies_nobody_is_believed() -> None:
    assert Proxies.named(()).caller("127.0.0.1", ["203.0.113.9"]) == "127.0.0.1"


@pytest.mark.parametrize("name", ["", "proxy.example", "10.0.0.1/8", "1.2.3", "::g"])
def test_what_is_no_network_cannot_be_set(name: str) -> None:
    with pytest.raises(ValueError):
        Proxies.named((name,))


@pytest.mark.parametrize("text", ["", "x", "1.2.3.4:80", "1.2.3.4\r\n", "٣.٣.٣.٣"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert network_of(text) == ""
