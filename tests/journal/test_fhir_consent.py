"""A consent as the EPJ gets it: who, for what, by which text, with the receipt itself."""

import base64
import copy
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import KARI, KEYS, NOON, after, child_born, signed
from tests.journal.test_delivery import claim
from tests.journal.test_fhir import MANIFEST, SIGNED
from tests.journal.value_sets import REQUIRED, faults
from venterom.journal import chart, fhir
from venterom.journal.fhir_parts import Agreed

GIVEN = Agreed(
    id="c1",
    given=True,
    by=MANIFEST.patient,
    at=NOON,
    text_version="2026-1",
    text_sha256="a" * 64,
    language="nb",
    receipt="a.b.c",
)
BY_PARENT = replace(GIVEN, by="e" * 64)
WITHDRAWN = replace(GIVEN, id="c2", given=False, at=after(minutes=5))


def sent(*agreed: Agreed) -> list[dict[str, Any]]:
    bundle = fhir.bundle(replace(SIGNED, consents=agreed))
    assert Bundle.model_validate(copy.deepcopy(bundle)).type == "transaction"
    assert list(faults(bundle)) == []
    kinds = [item["resource"] for item in bundle["entry"]]
    return [each for each in kinds if each["resourceType"] == "Consent"]


def test_a_consent_says_who_agreed_to_which_text_and_brings_the_receipt() -> None:
    [found] = sent(GIVEN)
    assert (found["status"], found["provision"]["type"]) == ("active", "permit")
    assert found["scope"]["coding"][0]["code"] == "treatment"
    assert found["patient"]["identifier"]["value"] == MANIFEST.patient
    assert found["performer"][0]["type"] == "Patient"
    assert found["policy"] == [{"uri": f"urn:venterom:consent-text:2026-1:nb:{'a' * 64}"}]
    assert base64.b64decode(found["sourceAttachment"]["data"]) == b"a.b.c"
    assert found["dateTime"] == "2026-11-24T11:00:00.000Z"


def test_a_parent_who_decided_is_named_beside_the_patient() -> None:
    [found] = sent(BY_PARENT)
    assert found["performer"] == [
        {
            "type": "RelatedPerson",
            "identifier": {"system": "urn:venterom:patient", "value": "e" * 64},
        }
    ]
    assert found["patient"]["identifier"]["value"] == MANIFEST.patient


def test_a_withdrawal_is_a_resource_of_its_own_beside_what_it_ends() -> None:
    given, withdrawn = sent(GIVEN, WITHDRAWN)
    assert (given["status"], withdrawn["status"]) == ("active", "inactive")
    assert withdrawn["provision"]["type"] == "deny"
    assert given["identifier"] != withdrawn["identifier"]


def test_a_note_without_a_register_has_no_consent() -> None:
    assert sent() == []


def test_a_code_that_may_not_stand_there_is_found() -> None:
    assert len(REQUIRED) >= 11
    [found] = sent(GIVEN)
    assert list(faults(found | {"status": "given"})) == ["Consent.status: given"]
    assert list(faults(found | {"provision": {"type": "yes"}})) == ["Consent.provision.type: yes"]
    assert list(faults({"resourceType": "Basic"})) == ["Basic: its value sets are not listed"]


@pytest.mark.adapter
@pytest.mark.slow
async def test_the_register_as_it_was_at_the_signature_goes_with_the_note(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory() as db, db.begin():
        done = await signed(db, patient="child", birth_date=child_born(9))
        await chart.withdraw_consent(db, KEYS, after(minutes=1), visit=done.visit, by=KARI)
    parcel = await claim(session_factory, after(minutes=2))
    assert parcel is not None and parcel.bundle is not None
    found = [item["resource"] for item in parcel.bundle["entry"]]
    [given] = [each for each in found if each["resourceType"] == "Consent"]
    assert given["status"] == "active"  # what came after the signature is no part of this note
    assert given["performer"][0]["identifier"]["value"] == KEYS.pseudonym(KARI.person)
    assert given["patient"]["identifier"]["value"] == KEYS.pseudonym("child")
