"""A later version of a note, as the EPJ gets it: itself alone, and what it does to those before."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.journal.make import KEYS, NOTE
from tests.journal.test_fhir import CONTENT, MANIFEST, SIGNED
from tests.journal.test_history import added, anew
from tests.journal.value_sets import faults
from venterom.journal import entry, fhir, jws
from venterom.journal.entry import Content
from venterom.journal.fhir import SignedNote

VISIT = MANIFEST.visit


def signed(version: int, content: Content) -> SignedNote:
    manifest = replace(MANIFEST, version=version, content_hash=f"{version}" * 64)
    payload = entry.manifest_payload(manifest)
    return SignedNote(manifest, content, jws.sign(payload, KEYS.signing, KEYS.kid, entry.TYPE))


ANEW = signed(2, anew())
ADDED = signed(3, added())


def resources(note: SignedNote) -> dict[str, dict[str, Any]]:
    found = [item["resource"] for item in fhir.bundle(note)["entry"]]
    assert len({each["resourceType"] for each in found}) == len(found)
    return {each["resourceType"]: each for each in found}


@pytest.mark.parametrize("note", [ANEW, ADDED, signed(4, anew(NOTE, 2, 3))])
def test_it_is_valid_and_the_same_each_time(note: SignedNote) -> None:
    bundle = fhir.bundle(note)
    assert bundle == fhir.bundle(note) and list(faults(bundle)) == []
    Bundle.model_validate(bundle)


def test_the_first_version_is_sent_as_it_always_was() -> None:
    kinds = resources(SIGNED)
    assert kinds["Composition"]["status"] == kinds["DocumentReference"]["docStatus"] == "final"
    assert not any("relatesTo" in each or "activity" in each for each in kinds.values())
    assert fhir.bundle(SIGNED)["identifier"] == {"system": "urn:venterom:visit", "value": VISIT}


def test_a_note_said_anew_replaces_the_first_and_is_of_the_same_encounter() -> None:
    kinds = resources(ANEW)
    assert set(kinds) == {"Condition", "Composition", "DocumentReference", "Provenance"}
    composition, document = kinds["Composition"], kinds["DocumentReference"]
    assert composition["status"] == document["docStatus"] == "amended"
    [relation] = composition["relatesTo"]
    assert relation["code"] == "replaces"
    assert relation["targetIdentifier"]["value"] == f"{VISIT}/1"
    [relation] = document["relatesTo"]
    assert relation["code"] == "replaces"
    assert relation["target"]["identifier"] == {
        "system": "urn:venterom:visit:document",
        "value": f"{VISIT}/1",
    }
    meeting = {
        "type": "Encounter",
        "identifier": {"system": "urn:venterom:visit", "value": VISIT},
    }
    assert composition["encounter"] == kinds["Condition"]["encounter"] == meeting
    assert document["context"]["encounter"] == [meeting]
    titles = [section["title"] for section in composition["section"]]
    assert "Hvorfor notatet er rettet" in titles and "Plan" in titles


def test_an_addition_appends_and_brings_no_diagnosis() -> None:
    kinds = resources(ADDED)
    assert set(kinds) == {"Composition", "DocumentReference", "Provenance"}
    [relation] = kinds["Composition"]["relatesTo"]
    assert (relation["code"], relation["targetIdentifier"]["value"]) == ("appends", f"{VISIT}/2")
    titles = [section["title"] for section in kinds["Composition"]["section"]]
    assert titles == ["Tillegg", "Hvorfor noe er føyd til"]


def test_its_provenance_says_what_it_revises_and_why() -> None:
    said = resources(signed(4, anew(NOTE, 2, 3)))["Provenance"]
    assert said["reason"] == [{"text": "Feil plan"}]
    assert said["activity"]["coding"][0]["code"] == "UPDATE"
    revised = [(each["role"], each["what"]["identifier"]["value"]) for each in said["entity"]]
    assert revised == [("revision", f"{VISIT}/2"), ("revision", f"{VISIT}/3")]


def test_no_two_versions_share_a_name() -> None:
    names = [
        item["fullUrl"] for note in (SIGNED, ANEW, ADDED) for item in fhir.bundle(note)["entry"]
    ]
    assert len(set(names)) == len(names)
    known = [fhir.bundle(note)["identifier"]["value"] for note in (SIGNED, ANEW, ADDED)]
    assert known == [VISIT, f"{VISIT}/2", f"{VISIT}/3"]


def test_the_content_of_the_first_is_not_what_is_sent() -> None:
    assert CONTENT.note.plan not in str(fhir.bundle(ANEW)) + str(fhir.bundle(ADDED))
