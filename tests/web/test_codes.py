"""The diagnosis code: found while one types, judged when one signs."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import NOTE, Rig
from venterom.journal import coding
from venterom.web.work import work

pytestmark = pytest.mark.slow


async def found(doctor: Browser, typed: str) -> list[str]:
    """The codes that the line would offer."""
    answer = await doctor.raw("GET", "/doctor/icpc2", params={"q": typed})
    assert answer.status == 200
    return [each["code"] for each in (await answer.json())["found"]]


async def load(rig: Rig, **terms: str) -> None:
    """What `venterom icpc2 load` does."""
    async with work(rig.app) as unit:
        await coding.load(unit.db, unit.now, terms)


async def test_codes_are_found_while_a_doctor_types(rig: Rig) -> None:
    doctor = await rig.doctor()
    assert await found(doctor, "halsbet") == ["R76"]
    assert await found(doctor, "") == await found(doctor, "%") == []
    await load(rig, A03="Feber")
    assert await found(doctor, "halsbet") == []
    assert await found(doctor, "FEB") == ["A03"]
    assert await found(doctor, "feber " + "x" * 5_000) == []


async def test_a_code_that_is_not_in_the_loaded_list_is_said_beside_its_field(rig: Rig) -> None:
    await load(rig, A03="Feber")
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 422
    assert page.trouble("ICPC-2") == "Koden finnes ikke i listen vår. Søk på kode eller ord."
    page = await doctor.press("Signer og send", {**NOTE, "ICPC-2": "a03"})
    assert "A03 Feber" in page.main
    await load(rig, A03="Varm panne")
    assert "A03 Feber" in (await doctor.reload()).main  # as it was signed


async def test_the_code_is_a_line_of_text_where_there_is_no_script(rig: Rig) -> None:
    _patient, doctor, _visit = await rig.consult()
    line = doctor.page.tree.by_id("icpc2")
    assert line.attributes.get("role") is None  # the script makes it a combobox
    assert line.attributes.get("maxlength") is None  # one may type words to look for
