"""Not a word about health on any road of the insurers' programs, with the words in the database."""

import re
from typing import Any

import pytest

from tests.web.insurer_api.program import Program, fhir, question, register
from tests.web.rig import KARI, PER, Rig
from tests.web.test_insurer import ALONE, PLANTED, everything_that_is_logged, whole_visit
from venterom.queue.coverage.tables import metadata

pytestmark = pytest.mark.slow

FHIR = "application/fhir+json"
DATA: dict[str, Any] = {
    "product": "Helseforsikring med videolege",
    "holder_birth_date": "1988-02-03",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "covers_children": True,
}


async def everything_asked(own: Program, visit: str) -> list[str]:
    """Every address with what is right, what is not, and with what a patient has said."""
    rig, token = own.rig, await own.token()
    health: dict[str, Any] = dict(PLANTED)
    said = [await (await own.ask_token()).text(), await (await own.ask_token(scope="note")).text()]
    asked: list[tuple[str, str, Any, str]] = [
        ("POST", "eligibility", question(rig, KARI), "application/json"),
        ("POST", "eligibility", question(rig, PER), "application/json"),
        ("POST", "eligibility", question(rig, KARI, **health), "application/json"),
        ("POST", "eligibility", fhir(question(rig, KARI)), FHIR),
        ("POST", "eligibility", fhir(question(rig, KARI)) | {"item": [health]}, FHIR),
        ("POST", "eligibility", {"number": visit}, "application/json"),
        ("PUT", "policies/NEW-10", DATA, "application/json"),
        ("PUT", "policies/NEW-10", DATA | health, "application/json"),
        ("POST", "policies", {"policies": [DATA, DATA | health, health]}, "application/json"),
        ("GET", "openapi.json", {}, "application/json"),
        ("GET", f"visit/{visit}", {}, "application/json"),
        ("GET", f"policies/{rig.policy(KARI)}", {}, "application/json"),
    ]
    for method, path, body, kind in asked:
        answer = await own.send(path, body, method=method, token=token, Content_Type=kind)
        said += [await answer.text(), str(answer.headers)]
    return said


async def test_no_answer_log_or_table_says_anything_about_health(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    own = await register(rig)
    _actors, visit, names = await whole_visit(rig)
    with everything_that_is_logged(caplog) as said:
        said += await everything_asked(own, visit)
    for table in metadata.sorted_tables:
        said.append(str(await rig.select(table)))
    told = "\n".join(said)
    assert "KYP" in told and "Helseforsikring" in told  # we have looked
    for word in (*PLANTED.values(), *names):
        assert not re.search(ALONE.format(word), told), word
