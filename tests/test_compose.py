"""docker-compose.yml is right, as far as that can be told without starting a container.

The schema is the Compose specification's own; the check-jsonschema package carries a copy of it.
"""

import copy
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from venterom.server import reading

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
DEPLOYMENT = [
    "docker-compose.yml",
    "Dockerfile",
    *(f"deploy/{p.name}" for p in ROOT.glob("deploy/*")),
]
PINNED = re.compile(r"^[\w./-]+:\d+\.\d+[\w.-]*$")  # a version, at least its first two numbers
SECRET_PATH = re.compile(r"/run/secrets/(\w+)")

Compose = dict[str, Any]  # YAML: the schema, not Python, says what is in it


def read(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def load() -> Compose:
    """The file as Compose sees it, with its anchors merged."""
    loaded: Compose = yaml.safe_load(read("docker-compose.yml"))
    return loaded


def schema_faults(compose: Compose) -> Iterator[str]:
    """What the Compose specification does not allow."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for error in validator_for(schema)(schema).iter_errors(compose):
        yield f"{error.json_path}: {error.message}"


def name_faults(compose: Compose) -> Iterator[str]:
    """Settings that do not exist."""
    known = {*reading.names(), reading.FILE_VARIABLE}
    for name, service in compose["services"].items():
        for variable in service.get("environment", {}):
            if variable.startswith(reading.PREFIX) and variable not in known:
                yield f"{name}: there is no setting {variable}"


def secret_faults(compose: Compose) -> Iterator[str]:
    """Secrets that are used without being given, given without being declared, or no files."""
    declared = compose["secrets"]
    for name, service in compose["services"].items():
        given = set(service.get("secrets", []))
        used = set(SECRET_PATH.findall(json.dumps(service)))
        yield from (f"{name} reads {secret}, which it is not given" for secret in used - given)
        yield from (f"{name} is given {secret}, not declared" for secret in given - set(declared))
    for secret, source in declared.items():
        if source != {"file": f"./var/secrets/{secret}"}:
            yield f"{secret} is no file in var/secrets, which git and the image leave out"


def root_faults(compose: Compose) -> Iterator[str]:
    """Containers that run as root, can become it, or can write to their own image."""
    for name, service in compose["services"].items():
        user = re.fullmatch(r"(\d+):(\d+)", str(service.get("user")))
        if user is None or "0" in user.groups():
            yield f"{name} runs as {service.get('user', 'root')}"
        if service.get("cap_drop") != ["ALL"] or service.get("privileged"):
            yield f"{name} keeps rights of root"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name} can gain rights"
        if not service.get("read_only"):
            yield f"{name} can write to its own image"


def image_faults(compose: Compose) -> Iterator[str]:
    """Images without a version."""
    for name, service in compose["services"].items():
        if not PINNED.match(service.get("image", "")):
            yield f"{name} has no version"


def health_faults(compose: Compose) -> Iterator[str]:
    """Services that run on, and of which nobody can tell whether they work."""
    for name, service in compose["services"].items():
        runs_on = service.get("restart") == "unless-stopped"
        if runs_on and not service.get("healthcheck", {}).get("test"):
            yield f"{name} has no health check"


CHECKS: dict[str, Callable[[Compose], Iterator[str]]] = {
    "schema": schema_faults,
    "names": name_faults,
    "secrets": secret_faults,
    "root": root_faults,
    "images": image_faults,
    "health": health_faults,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_file_is_right(name: str) -> None:
    assert list(CHECKS[name](load())) == []


@pytest.mark.parametrize(
    ("name", "service", "fault"),
    [
        ("schema", "venterom", {"helthcheck": {}}),
        ("schema", "database", {"restart": 5}),
        ("names", "venterom", {"environment": {"VENTEROM_HTTP__HOTS": "::"}}),
        ("secrets", "coturn", {"secrets": ["turn_certificate"]}),
        ("secrets", "database", {"secrets": ["database_password", "master_key"]}),
        ("root", "database", {"user": "0:0"}),
        ("root", "database", {"user": "999:0"}),
        ("root", "database", {"user": None}),
        ("root", "coturn", {"cap_drop": []}),
        ("root", "coturn", {"privileged": True}),
        ("root", "venterom", {"security_opt": []}),
        ("root", "venterom", {"read_only": False}),
        ("images", "database", {"image": "postgres"}),
        ("images", "database", {"image": "postgres:latest"}),
        ("images", "database", {"image": "postgres:15"}),
        ("health", "coturn", {"healthcheck": {"disable": True}}),
    ],
)
def test_a_planted_fault_is_found(name: str, service: str, fault: dict[str, object]) -> None:
    broken = copy.deepcopy(load())
    broken["services"][service] |= fault
    assert list(CHECKS[name](broken))


def test_a_secret_in_the_environment_is_found() -> None:
    broken = load()
    broken["secrets"]["turn_secret"] = {"environment": "TURN_SECRET"}
    assert list(secret_faults(broken))


def test_our_settings_load_from_what_the_service_is_given() -> None:
    given = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", r"\1.example.org", value)
        for name, value in load()["services"]["venterom"]["environment"].items()
        if name != reading.FILE_VARIABLE
    }
    settings = reading.load(ROOT / "deploy/venterom.toml", given)
    assert settings.mode == "production"
    assert settings.http.public_url == "https://PUBLIC_HOST.example.org"
    assert settings.media.turn_urls == ("turns:TURN_HOST.example.org:443?transport=tcp",)


@pytest.mark.parametrize("name", DEPLOYMENT)
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(rf"\b{reading.PREFIX}\w+", read(name)))
    assert named <= {*reading.names(), reading.FILE_VARIABLE}


def test_the_database_has_no_network() -> None:
    database = load()["services"]["database"]
    assert database["network_mode"] == "none" and "ports" not in database
    assert "listen_addresses=" in database["command"]


def test_the_relay_serves_our_media_and_nobody_else() -> None:
    lines = read("deploy/turnserver.conf").splitlines()
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in lines
    assert "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" in lines
    assert {"use-auth-secret", "no-tcp-relay", "no-multicast-peers", "no-cli"} <= set(lines)
    assert not [line for line in lines if line.startswith(("static-auth-secret", "allowed-peer"))]
    assert {name.partition("=")[0] for name in lines} & {"no-auth", "cli-password"} == set()


def test_the_relay_is_told_the_addresses_of_our_media_and_the_secret(tmp_path: Path) -> None:
    """The script that starts it, as it is, but for where the files lie; it shows what it would
    start the relay with."""
    coturn = load()["services"]["coturn"]
    (script,) = coturn["command"]
    (tmp_path / "secret").write_text("hush")
    for there, here in (
        ("/tmp/turnserver.conf", str(tmp_path / "turnserver.conf")),
        ("/etc/turnserver.conf", str(ROOT / "deploy/turnserver.conf")),
        ("/run/secrets/turn_secret", str(tmp_path / "secret")),
        ("turnserver -c", "cat"),
        ("$$", "$"),
    ):
        assert there in script
        script = script.replace(there, here)
    given = {"TURN_HOST": "turn.example", "MEDIA_ADDRESSES": "192.0.2.1,2001:db8::1"}
    told = subprocess.check_output([*coturn["entrypoint"], script], env=os.environ | given)
    *own, secret, one, other = told.decode().splitlines()
    assert own == [*read("deploy/turnserver.conf").splitlines(), "realm=turn.example"]
    assert secret == "static-auth-secret=hush"
    assert (one, other) == ("allowed-peer-ip=192.0.2.1", "allowed-peer-ip=2001:db8::1")


def test_what_the_operator_fills_in_is_listed() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", read("docker-compose.yml")))
    assert asked == set(re.findall(r"^(\w+)=$", read("deploy/compose.env"), re.MULTILINE))


def test_every_secret_can_be_made() -> None:
    script = read("deploy/make-secrets")
    assert [name for name in load()["secrets"] if not re.search(rf"\b{name}\b", script)] == []


def test_every_volume_is_declared() -> None:
    compose = load()
    mounted = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert {name for name in mounted if "/" not in name} == set(compose["volumes"])
    assert [name for name in mounted if "/" in name and not (ROOT / name).is_file()] == []


def test_the_image_is_built_from_versions_and_hashes_and_runs_without_root() -> None:
    lines = read("Dockerfile").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert bases and all(PINNED.match(base) for base in bases)
    for name in ("run", "build"):
        lock = f"--require-hashes -r /src/requirements/{name}.txt"
        assert [line for line in lines if lock in line]
    assert [line for line in lines if line.startswith("RUN COMPILE_MEDIA=1 ")]
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert [line for line in lines if line.startswith("HEALTHCHECK ")]


def test_the_image_is_given_nothing_but_the_service() -> None:
    lines = [line for line in read(".dockerignore").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert not {"!var", "!.git", "!tests", "!.env", "!deploy"} & set(lines)
    kept = [line[1:] for line in lines if line.startswith("!")]
    assert {"venterom", "server", "rtc", "queue", "web", "journal"} <= set(kept)
    assert [name for name in kept if not (ROOT / name).exists()] == []
