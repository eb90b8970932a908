"""TURN credentials: the name carries the expiry, and the server can check it by itself."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from venterom.rtc.turn import credentials

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def test_credentials_expire_after_ten_minutes_and_belong_to_a_seat() -> None:
    made = credentials(b"secret", visit="v1", role="patient", now=NOON)
    assert made.username == f"{int(NOON.timestamp()) + 600}:v1.patient"


def test_the_turn_server_computes_the_same() -> None:
    made = credentials(b"secret", visit="v1", role="patient", now=NOON)
    digest = hmac.new(b"secret", made.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(made.credential) == digest
