"""What is sent to us is taken as text, kept when something is amiss, and never trusted."""

from datetime import date, time
from io import BytesIO
from urllib.parse import urlencode

import pytest
from aiohttp import FormData

from tests.web.browser import Browser
from tests.web.rig import KARI, Rig
from venterom.web.forms import as_text, read_clock, read_date
from venterom.web.intake import Step

MARKUP = """<script>alert("1")</script> '"&<b>"""
TOO_MUCH = "æ" * 400_000  # more than a whole note, once it is sent
PLAIN = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Vondt i halsen", "Vondt i halsen"),
        ("to\r\nlinjer\tog tabulator", "to\nlinjer\tog tabulator"),
        ("en\rog\r\n\rto", "en\nog\n\nto"),
        ("null\x00 bjelle\x07 escape\x1b[31m slett\x7f c1\x9f", "null bjelle escape[31m slett c1"),
        ("halvt par \ud83d", "halvt par "),
        (MARKUP, MARKUP),  # escaped where it is shown, not where it is read
        ("😀 æøå ٣", "😀 æøå ٣"),
        (None, ""),  # not sent
        (b"fil", ""),
        (["en", "liste"], ""),
        (7, ""),
    ],
)
def test_what_was_typed_is_text(typed: object, text: str) -> None:
    assert as_text(typed) == text


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("24.11.2019", date(2019, 11, 24)),
        ("1.2.2019", date(2019, 2, 1)),
        (" 2019-11-24 ", date(2019, 11, 24)),
        ("", None),
        ("i går", None),
        ("31.02.2019", None),
        ("24.11.19", None),
        ("٢٤.١١.٢٠١٩", None),  # digits, but not ours
        ("1.2.3.4.5", None),
        ("." * 9_999, None),
    ],
)
def test_a_date_is_read_as_people_write_it(typed: str, day: date | None) -> None:
    assert read_date(typed) == day


REASONS = [
    ("", "Skriv noe her."),
    (" \n\t ", "Skriv noe her."),
    ("\x00\x07", "Skriv noe her."),  # nothing is left of it
    ("a" * 501, "Dette ble litt langt. Kort det ned til 500 tegn."),
    (MARKUP * 20, "Dette ble litt langt. Kort det ned til 500 tegn."),
    ("ord " * 25_000, "Dette ble litt langt. Kort det ned til 500 tegn."),  # 100 kB
]


async def test_a_reason_that_cannot_be_taken_is_kept_with_a_word_beside_it(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON)
    for typed, trouble in REASONS:
        page = await patient.press("Neste", {"reason": typed}, careless=True)
        assert (page.status, page.path) == (422, "/start/reason"), typed[:20]
        assert page.trouble("reason") == trouble
        assert page.value("reason").strip() == as_text(typed).strip()
    page = await patient.press("Neste", {"reason": "Vondt i halsen"})
    assert page.path == "/start/consent"


async def test_markup_is_stored_as_text_and_shown_as_text(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON)
    await patient.press("Neste", {"reason": MARKUP})
    page = await patient.back()
    assert page.value("reason") == MARKUP
    assert "<script>alert" not in page.body and "<b>" not in page.body


def multipart(*parts: str) -> bytes:
    """A body of these parts, headers and all."""
    return "".join(f"--x\r\n{part}\r\n" for part in parts).encode() + b"--x--\r\n"


REASON_PART = 'Content-Disposition: form-data; name="reason"'
BODIES = {
    "too much": (413, PLAIN, urlencode({"reason": TOO_MUCH}).encode()),
    "too many fields": (413, PLAIN, b"&".join(b"f%d=1" % n for n in range(30_000))),
    "too many parts": (413, MULTIPART, multipart(*[f"{REASON_PART}\r\n\r\na"] * 1_500)),
    "a file": (422, MULTIPART, multipart(f'{REASON_PART}; filename="a.exe"\r\n\r\nMZ')),
    "a part with no name": (400, MULTIPART, multipart("Content-Type: text/plain\r\n\r\na")),
    "parts in a part": (
        400,
        MULTIPART,
        multipart(f"{REASON_PART}\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--"),
    ),
    "a part in no alphabet": (
        400,
        MULTIPART,
        multipart(f"{REASON_PART}\r\nContent-Type: text/plain; charset=klingon\r\n\r\na"),
    ),
    "a part that is not encoded as it says": (
        400,
        MULTIPART,
        multipart(f"{REASON_PART}\r\nContent-Transfer-Encoding: base64\r\n\r\na"),
    ),
    "a part in an unknown encoding": (
        400,
        MULTIPART,
        multipart(f"{REASON_PART}\r\nContent-Transfer-Encoding: zip\r\n\r\na"),
    ),
    "parts without a boundary": (400, "multipart/form-data", b"reason=a"),
    "parts that do not begin": (400, MULTIPART, b"reason=a"),
    "parts that do not end": (400, MULTIPART, b'--x\r\nContent-Disposition: form-data; name="r'),
    "a header that never ends": (
        400,
        MULTIPART,
        b"--x\r\nContent-Disposition: " + b"a" * 20_000 + b"\r\n\r\na\r\n--x--\r\n",
    ),
    "bytes that are no text": (400, PLAIN, b"reason=\xff\xfe"),
    "an unknown alphabet": (400, f"{PLAIN}; charset=klingon", b"reason=a"),
    "an alphabet that is none": (400, f"{PLAIN}; charset=base64", b"reason=a"),
    "nothing": (422, PLAIN, b""),
    "no form at all": (422, "application/json", b'{"reason": "a"}'),
    "plain text": (422, "text/plain", b"reason=a"),
}


async def sent(browser: Browser, kind: str, body: bytes, *, token: bool) -> tuple[int, str]:
    """A body as it stands, with the token in a header or nowhere."""
    headers = {"Content-Type": kind}
    if token:
        headers["X-CSRF-Token"] = browser.page.token
    answer = await browser.raw("POST", "/start/reason", headers, data=BytesIO(body))
    return answer.status, await answer.text()


# aiohttp only warns of such a header, which is an error nowhere but in these tests.
@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
async def test_a_body_that_cannot_be_read_gets_a_page_and_is_no_fault_of_ours(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON)
    for name, (expected, kind, body) in BODIES.items():
        status, page = await sent(patient, kind, body, token=True)
        assert (name, status) == (name, expected)
        assert "<h1>" in page and 'href="tel:23014800"' in page, name
        # the guard against foreign forms meets it first when the token is looked for in the form
        status, page = await sent(patient, kind, body, token=False)
        assert (name, status) == (name, expected if expected != 422 else 403)
        assert "<h1>" in page, name


async def test_a_packed_body_is_not_unpacked(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON)
    headers = {"Content-Encoding": "gzip", "X-CSRF-Token": patient.page.token}
    answer = await patient.raw("POST", "/start/reason", headers, data={"reason": "a"})
    assert answer.status == 415
    assert "<h1>" in await answer.text()


async def test_a_file_where_a_text_is_asked_for_is_no_text(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    form = FormData({"csrf": patient.page.token})
    form.add_field("number", rig.policy(KARI).encode(), filename="policy.txt")
    answer = await patient.raw("POST", "/start/policy", data=form)
    assert answer.status == 422


FIELDS = {
    Step.POLICY: ("number", "go_on"),
    Step.WHO: ("who", "name", "birth_date", "national_number"),
    Step.REASON: ("reason",),
    Step.CONSENT: ("consent", "own_yes", "version", "language"),
    Step.OFFER: ("offer", "slot"),
}
ODD = [
    "",
    "a" * 100_000,
    MARKUP,
    "\x00\x1b\u2028\ud800".encode("utf-8", "replace").decode(),
    "%s%n{0}{{7*7}}${7*7}",
    "' OR 1=1; DROP TABLE visit; --",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "-1",
    "9" * 5_000,
    "NaN",
    "٣٣٣٣٣٣٣٣٣٣٣",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-11-24T13:00:00",
]


@pytest.mark.slow
@pytest.mark.parametrize("step", FIELDS)
async def test_nothing_that_is_typed_into_the_patients_pages_is_a_fault_of_ours(
    rig: Rig, step: Step
) -> None:
    patient = await rig.arrive(KARI, step)
    token = {"csrf": patient.page.token}
    usual = {Step.WHO: {"who": "new"}, Step.CONSENT: {"consent": "yes"}}.get(step, {})
    for name in FIELDS[step]:
        for odd in ODD:
            form = token | usual | {name: odd}
            answer = await patient.raw("POST", patient.page.path, data=form)
            assert answer.status < 500, (name, odd)
            assert "Set-Cookie" not in answer.headers, (name, odd)


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("08:30", time(8, 30)),
        (" 8.30 ", time(8, 30)),
        ("0830", time(8, 30)),
        ("8", time(8)),
        ("23:59", time(23, 59)),
        ("0:00", time(0)),
        ("24:00", None),
        ("08:60", None),
        ("8:3", None),
        ("08:30:15", None),
        ("halv ni", None),
        ("٠٨:٣٠", None),
        ("", None),
    ],
)
def test_a_time_of_day_is_read_as_people_write_it(typed: str, clock: time | None) -> None:
    assert read_clock(typed) == clock
