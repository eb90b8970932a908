"""How often somebody may try: by address while nobody is signed in, by person afterwards."""

import pytest
import structlog
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import make_mocked_request

from tests.web.browser import Browser
from tests.web.rig import BERIT, KARI, PER, Rig
from tests.web.test_guest import ANNA, asks
from tests.web.test_routes import ALL, RULES
from tests.web.test_signin import link
from venterom.web.address import Proxies
from venterom.web.intake import Step
from venterom.web.keys import PROXIES
from venterom.web.limits import (
    BY_ADDRESS,
    BY_PERSON,
    CHANGES,
    CUSTOMERS,
    KNOCKS,
    LIMITS,
    MESSAGES,
    NUMBERS,
    SECRETS,
    SOCKETS_EACH,
    TOLD,
    UNNAMED,
    caller,
)

pytestmark = pytest.mark.slow

HERE, THERE = "203.0.113.9", "198.51.100.7"
# What anybody may read as often as they like: it asks for nothing that we keep.
FREE = {
    "/",
    "/healthz",
    "/static/{path}",
    "/.well-known/security.txt",
    "/j",
    "/g",
    "/paper",
    "/receipts",
    "/receipts/keys.json",
    "/sign-in/keys.json",
    "/insurer/v1/openapi.json",
}


def test_whoever_is_not_signed_in_has_a_limit_wherever_something_is_asked_of_us() -> None:
    """Made from the addresses: one that is new and open to everybody needs a limit."""
    open_to_all = {route for route, rule in RULES.items() if rule == ALL}
    assert open_to_all - {("GET", path) for path in FREE} <= set(BY_ADDRESS)


def test_every_limit_stands_at_an_address_that_there_is() -> None:
    assert set(BY_ADDRESS) | set(BY_PERSON) <= set(RULES)
    assert not set(BY_ADDRESS) & set(BY_PERSON)
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)


def test_nobody_is_kept_waiting_for_more_than_an_hour() -> None:
    for limit in LIMITS:
        assert limit.burst * limit.every.total_seconds() <= 3_600, limit.name


async def tried(browser: Browser, method: str, path: str, address: str, **sent: str) -> int:
    """One try, from this address, through a proxy of ours."""
    form = {"csrf": browser.page.token, **sent} if method == "POST" else None
    answer = await browser.raw(method, path, {"X-Forwarded-For": address}, data=form)
    if answer.status == 429:
        assert int(answer.headers["Retry-After"]) > 0
        assert method == "HEAD" or "Det ble litt mange forsøk" in await answer.text()
    return answer.status


async def test_secrets_cannot_be_gone_through_from_one_address(rig: Rig) -> None:
    stranger = await rig.browser()
    await stranger.open("/paper")
    said = [
        await tried(stranger, "POST", "/g", HERE, secret=f"{n:043d}")
        for n in range(SECRETS.burst + 2)
    ]
    assert said == [410] * SECRETS.burst + [429] * 2
    assert await tried(stranger, "POST", "/paper", HERE, code="x") == 429  # one limit for all
    assert await tried(stranger, "POST", "/g", THERE, secret="x") == 410
    rig.clock.tick(minutes=2)
    assert await tried(stranger, "POST", "/g", HERE, secret="x") == 410


async def test_whoever_has_the_right_secret_may_show_it_as_often_as_they_like_and_guess_no_more(
    rig: Rig,
) -> None:
    _patient, doctor, visit = await rig.consult()
    _status, secret = await asks(rig, doctor, visit, **ANNA)
    guest = await rig.browser()
    await guest.open("/paper")
    for _ in range(3):
        right = [
            await tried(guest, "POST", "/g", HERE, secret=secret) for _ in range(SECRETS.burst)
        ]
        assert right == [303] * SECRETS.burst
        assert await tried(guest, "POST", "/g", HERE, secret="x") == 410
    wrong = [await tried(guest, "POST", "/g", HERE, secret="x") for _ in range(SECRETS.burst)]
    assert wrong == [410] * (SECRETS.burst - 3) + [429] * 3
    assert await tried(guest, "POST", "/g", HERE, secret=secret) == 429  # nor does it open again


async def test_a_patient_opens_their_own_link_as_often_as_they_like(rig: Rig) -> None:
    patient, _visit, secret = await link(rig)
    for _ in range(SECRETS.burst + 5):
        assert await tried(patient, "POST", "/j", HERE, secret=secret) == 303
        assert await tried(patient, "GET", "/j/open", HERE) == 303
    assert await tried(patient, "POST", "/j", HERE, secret=secret) == 303
    assert await tried(patient, "HEAD", "/j/open", HERE) == 303
    said = [await tried(patient, "HEAD", "/j/open", HERE) for _ in range(SECRETS.burst + 1)]
    assert said[-2:] == [404, 429]  # the link's cookie is gone, and HEAD is a try as well


def told_of_a_proxy(networks: tuple[str, ...], headers: dict[str, str]) -> list[str]:
    """What the operator is told when three such requests have come."""
    app = web.Application()
    app[PROXIES], app[TOLD] = Proxies.named(networks), set()
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            caller(make_mocked_request("GET", "/", headers=headers, app=app))
    return [line["text"] for line in lines]


def test_a_proxy_that_nobody_has_named_is_told_of_once_in_plain_words() -> None:
    assert told_of_a_proxy((), {"X-Forwarded-For": "203.0.113.9"}) == [UNNAMED]
    assert told_of_a_proxy((), {}) == []
    assert told_of_a_proxy(("10.0.0.1",), {"X-Forwarded-For": "203.0.113.9"}) == []


async def test_what_a_caller_says_of_its_address_changes_nothing(rig: Rig) -> None:
    stranger = await rig.browser()
    await stranger.open("/paper")
    for n in range(SECRETS.burst):
        await tried(stranger, "POST", "/g", f"10.0.0.{n}, {HERE}", secret="x")
    assert await tried(stranger, "POST", "/g", f"10.9.9.9, {HERE}", secret="x") == 429


async def test_a_sign_in_is_not_begun_without_end(rig: Rig) -> None:
    stranger = await rig.browser()
    said = [await tried(stranger, "GET", "/sign-in/patient", HERE) for _ in range(KNOCKS.burst + 1)]
    assert said == [303] * KNOCKS.burst + [429]


async def test_a_person_cannot_go_through_policy_numbers_from_many_addresses(rig: Rig) -> None:
    kari, per = await rig.sign_in(KARI, "/start"), await rig.sign_in(PER, "/start")
    said = [
        await tried(kari, "POST", "/start/policy", f"192.0.2.{n}", number=f"FJP-{n:06d}")
        for n in range(NUMBERS.burst + 1)
    ]
    assert 429 not in said[:-1] and said[-1] == 429
    assert await tried(per, "POST", "/start/policy", "192.0.2.1", number="FJP-000001") != 429


async def test_a_person_cannot_go_through_national_numbers_and_may_always_come_alone(
    rig: Rig,
) -> None:
    kari = await rig.arrive(KARI, Step.WHO)
    child = {"who": "new", "name": "Ida", "birth_date": "24.11.2019"}
    said = [
        await tried(kari, "POST", "/start/who", HERE, **child, national_number=f"{n:011d}")
        for n in range(NUMBERS.burst)
    ]
    assert said[-1] == 429
    assert await tried(kari, "POST", "/start/who", HERE, who="me") == 303


async def test_a_clerk_checks_customers_and_not_all_numbers(rig: Rig) -> None:
    clerk = await rig.sign_in(BERIT, "/insurer")
    said = [
        await tried(clerk, "POST", "/insurer", HERE, number=f"FJP-{n:06d}")
        for n in range(CUSTOMERS.burst + 1)
    ]
    assert said == [200] * CUSTOMERS.burst + [429]


async def test_a_chief_clerk_cannot_find_out_by_number_who_is_a_clerk(rig: Rig) -> None:
    chief = await rig.sign_in(BERIT, "/insurer")
    typed = {"name": "Nina Nyprøve"}
    said = [
        await tried(chief, "POST", "/insurer/clerks", HERE, **typed, national_number=f"{n:011d}")
        for n in range(NUMBERS.burst + 1)
    ]
    assert said == [422] * NUMBERS.burst + [429]


async def test_a_telephone_does_not_ring_without_end(rig: Rig) -> None:
    kari, visit = await rig.waiting(KARI)
    path = f"/visit/{visit}/links"
    said = [await tried(kari, "POST", path, HERE, what="again") for _ in range(MESSAGES.burst + 1)]
    assert said == [303] * MESSAGES.burst + [429]


async def test_nobody_changes_things_faster_than_people_do(rig: Rig) -> None:
    kari = await rig.sign_in(KARI, "/start")
    said = [
        await tried(kari, "POST", "/start/reason", HERE, reason="")
        for _ in range(CHANGES.burst + 1)
    ]
    assert 429 not in said[:-1] and said[-1] == 429


async def test_a_sign_in_has_so_many_sockets(rig: Rig) -> None:
    kari, visit = await rig.waiting(KARI)
    path = f"/live/visit/{visit}"
    held = [await kari.listen(path) for _ in range(SOCKETS_EACH)]
    with pytest.raises(WSServerHandshakeError, match="429"):
        await kari.listen(path)
    per, other = await rig.waiting(PER)
    held.append(await per.listen(f"/live/visit/{other}"))
    assert not any(socket.closed for socket in held)
