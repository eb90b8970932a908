"""The check at start: the WebRTC libraries are the ones that the media worker was written for.

A few names of theirs are private, so the versions are pinned and what is used is compared.
"""

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES, SRTPProtectionProfile
from OpenSSL import SSL

from venterom.rtc.errors import UnknownStack

PINNED = {"aiortc": "1.16.0", "aioice": "0.13.0", "pylibsrtp": "1.0.0"}

# Every name that we call without its being promised, with its parameters.
NAMES: tuple[tuple[Any, str, str], ...] = (
    (RTCCertificate, "_create_ssl_context", "self srtp_profiles"),
    (SRTPProtectionProfile, "get_key_and_salt", "self src idx"),
    (stun, "parse_message", "data"),
    (stun, "padding_length", "length"),
    (stun.Message, "check_message_integrity", "self key"),
    (stun.Message, "add_message_integrity", "self key"),
    (SSL.Connection, "set_ciphertext_mtu", "self mtu"),
    (SSL.Connection, "DTLSv1_get_timeout", "self"),
    (SSL.Connection, "DTLSv1_handle_timeout", "self"),
    (SSL.Connection, "get_selected_srtp_profile", "self"),
)
STRONGEST = b"SRTP_AEAD_AES_256_GCM"  # the profile that has to come first


def check() -> None:
    """Refuse to start on a surprise. Raises UnknownStack."""
    surprises = [*_other_versions(), *_other_names()]
    if not SRTP_PROFILES or SRTP_PROFILES[0].openssl_profile != STRONGEST:
        surprises.append("libsrtp without AES-GCM")
    if surprises:
        raise UnknownStack(", ".join(surprises))


def _other_versions() -> Iterator[str]:
    for name, pinned in PINNED.items():
        if version(name) != pinned:
            yield f"{name} {version(name)}"


def _other_names() -> Iterator[str]:
    for owner, name, parameters in NAMES:
        # What is only inherited is not what we know.
        found = getattr(owner, name) if name in vars(owner) else None
        if found is None or " ".join(inspect.signature(found).parameters) != parameters:
            yield f"{owner.__name__}.{name}"
