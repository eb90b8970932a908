"""Signed texts (JWS, RFC 7515): the only place in the house that uses python-jose.

The library takes keys in any shape, ignores `crit` and `typ`, and was fooled about algorithms more
than once (CVE-2024-33663, CVE-2026-85394). So it is handed key *objects* only, one algorithm that
the caller named, and a token whose header was read and judged here first. There is no symmetric
algorithm; PS256, which it lacks, is verified without it. A signature can be altered and still be
valid (ECDSA is malleable), so neither a token nor its signature is ever an id: what the payload
says is.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from jose import jwk
from jose import jws as jose_jws
from jose.backends.base import Key
from jose.backends.cryptography_backend import CryptographyECKey, CryptographyRSAKey
from jose.exceptions import JOSEError

from venterom.journal.canonical import Plain, canonical
from venterom.journal.errors import BadKey, BadSignature, UnsafeBackend

MAX_TOKEN = 4_096  # characters; ID tokens and our own texts take 400 to 2 000
MIN_RSA, MAX_RSA = 2_048, 8_192  # bits; more would make a verification a burden by itself
MAX_KEYS = 100  # of one issuer; they publish two to five
P256 = ec.SECP256R1()
ALGORITHMS = ("ES256", "RS256", "PS256")  # the asymmetric ones that we can verify
OF_ISSUERS = ("ES256", "RS256")  # … and that issuers of ID tokens use
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)  # RFC 7518 section 3.5

# x5t is what some issuers add, and harmless. Anything else (crit, jku, jwk, x5u, x5c, zip, b64 …)
# would have the token choose its own key or its own rules.
HEADER_FIELDS = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def sign(
    payload: bytes | Mapping[str, Plain], key: ec.EllipticCurvePrivateKey, kid: str, typ: str
) -> str:
    """Sign with ES256; the header holds `alg`, `kid` and `typ` and nothing else."""
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey("signing needs a private key on P-256")
    data = payload if isinstance(payload, bytes) else canonical(payload)
    token = jose_jws.sign(
        data, _jose_key(key, "ES256"), headers={"kid": kid, "typ": typ}, algorithm="ES256"
    )
    if len(token) > MAX_TOKEN:
        raise BadSignature("longer than we would accept ourselves")
    return token


def sign_showing_key(
    payload: Mapping[str, Plain], key: ec.EllipticCurvePrivateKey, typ: str
) -> str:
    """The same with the public key itself in the header, where a `kid` would tell nothing: a proof
    that whoever sends it holds this key, whichever it is (RFC 9449 section 4.2)."""
    if not fits(key.public_key(), "ES256"):
        raise BadKey("signing needs a private key on P-256")
    shown = {"typ": typ, "jwk": members(key.public_key())}
    return jose_jws.sign(
        canonical(payload), _jose_key(key, "ES256"), headers=shown, algorithm="ES256"
    )


def verify_shown(token: str, typ: str) -> tuple[str, bytes]:
    """The thumbprint of the key that a token shows and is signed with, and the payload. It proves
    who holds that key, and nothing about whose it is. Raises BadSignature."""
    header = _header(token, frozenset({"alg", "typ", "jwk"}))
    _check_type(header.get("typ"), (typ,))
    _algorithm(header.get("alg"), ("ES256",))
    shown = header.get("jwk")
    key = _from_jwk({**shown, "kid": "shown"}, ("ES256",)) if isinstance(shown, dict) else None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadSignature("the key that is shown is none that we take")
    try:
        payload = jose_jws.verify(token, _jose_key(key, "ES256"), algorithms=["ES256"])
    except JOSEError as fault:
        raise BadSignature("the signature does not match") from fault
    return thumbprint(key), payload


def verify(
    token: str,
    keys: Mapping[str, PublicKey],
    *,
    typ: tuple[str, ...] | None,
    algorithms: tuple[str, ...] = ("ES256",),
) -> bytes:
    """The payload of a token that one of `keys` signed. Raises BadSignature otherwise.

    `typ` names the types that will do; None means no type, or the word «JWT», which says nothing.
    Times, issuer and audience are not looked at: the caller judges them, with its own `now`.
    """
    header = _header(token)
    _check_type(header.get("typ"), typ)
    algorithm = _algorithm(header.get("alg"), algorithms)
    key = _key(header.get("kid"), keys)
    if not fits(key, algorithm):
        raise BadSignature("the key is not of the algorithm's kind")
    if algorithm == "PS256":
        return _verify_pss(token, key)
    try:
        return jose_jws.verify(token, _jose_key(key, algorithm), algorithms=[algorithm])
    except JOSEError as fault:
        raise BadSignature("the signature does not match") from fault


def _verify_pss(token: str, key: PublicKey) -> bytes:
    signed, _, signature = token.rpartition(".")
    try:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(_decode(signature), signed.encode(), PSS, hashes.SHA256())
    except InvalidSignature as fault:
        raise BadSignature("the signature does not match") from fault
    return _decode(signed.partition(".")[2])


def fits(key: object, algorithm: str) -> bool:
    """Whether this is a public key that may verify signatures of this algorithm."""
    if algorithm == "ES256":
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, rsa.RSAPublicKey) and MIN_RSA <= key.key_size <= MAX_RSA


def self_test() -> None:
    """At start-up: refuse to run on another backend. Raises UnsafeBackend."""
    key = ec.derive_private_key(1, ec.SECP256R1())
    if not isinstance(_jose_key(key, "ES256"), CryptographyECKey):
        raise UnsafeBackend
    if jwk.get_key("RS256") is not CryptographyRSAKey:
        raise UnsafeBackend
    token = sign(b"self-test", key, "k", "self-test")
    if verify(token, {"k": key.public_key()}, typ=("self-test",)) != b"self-test":
        raise UnsafeBackend


def _header(token: str, fields: frozenset[str] = HEADER_FIELDS) -> dict[str, object]:
    if not isinstance(token, str) or len(token) > MAX_TOKEN or not SHAPE.fullmatch(token):
        raise BadSignature("not three parts of base64url, or too long")
    parts = [_decode(part) for part in token.split(".")]
    try:
        header = json.loads(parts[0], object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as fault:
        raise BadSignature("the header cannot be read") from fault
    if not isinstance(header, dict) or not header.keys() <= fields:
        raise BadSignature("the header holds something that it should not")
    return header


def _decode(part: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as fault:
        raise BadSignature("not base64url") from fault
    if _encode(data) != part:
        raise BadSignature("not the one way to write these bytes")
    return data


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def _check_type(found: object, wanted: tuple[str, ...] | None) -> None:
    if wanted is None:
        ok = found is None or (isinstance(found, str) and found.upper() == "JWT")
    else:
        ok = found in wanted
    if not ok:
        raise BadSignature("the type is another one")


def _algorithm(found: object, allowed: tuple[str, ...]) -> str:
    # A plain string would be searched for a part of itself: "ES256" holds "ES".
    if not isinstance(allowed, tuple) or not set(allowed) <= set(ALGORITHMS):
        raise ValueError("algorithms must be a tuple of asymmetric algorithms")
    if not isinstance(found, str) or found not in allowed:
        raise BadSignature("the algorithm is not allowed")
    return found


def _key(kid: object, keys: Mapping[str, PublicKey]) -> PublicKey:
    if not isinstance(kid, str) or kid not in keys:
        raise BadSignature("the key is unknown")
    return keys[kid]


def _jose_key(key: Any, algorithm: str) -> Key:  # the library's stubs know no key objects
    return jwk.construct(key, algorithm)


def members(key: PublicKey) -> dict[str, str]:
    """What makes a public key what it is (RFC 7638), and nothing more."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise BadKey("only P-256 is used")
        point = key.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _number(point.x, 32),
            "y": _number(point.y, 32),
        }
    numbers = key.public_numbers()
    return {"kty": "RSA", "e": _number(numbers.e), "n": _number(numbers.n)}


def public_jwk(key: PublicKey) -> dict[str, str]:
    """The key as others may have it (RFC 7517), with its thumbprint as `kid`."""
    required = members(key)
    kid = hashlib.sha256(canonical(required)).digest()  # RFC 7638: required members only, sorted
    algorithm = "ES256" if required["kty"] == "EC" else "RS256"
    return required | {"kid": _encode(kid), "use": "sig", "alg": algorithm}


def thumbprint(key: PublicKey) -> str:
    """The name of a key that follows from the key itself (RFC 7638)."""
    return public_jwk(key)["kid"]


def jwks(keys: Mapping[str, PublicKey]) -> dict[str, list[dict[str, str]]]:
    """The keys, by `kid`, as a key set that others may have."""
    return {"keys": [{**public_jwk(key), "kid": kid} for kid, key in sorted(keys.items())]}


def keys_from_jwks(
    jwks: Mapping[str, object], algorithms: tuple[str, ...] = OF_ISSUERS
) -> dict[str, PublicKey]:
    """The keys of a key set that may verify signatures of these algorithms here, by `kid`.

    What we do not understand, or hold too weak, is left out (RFC 7517 section 5). Raises BadKey
    when this is no key set at all, or when two keys for signatures share a `kid`.
    """
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise BadKey("not a key set")
    found: dict[str, PublicKey] = {}
    for member in listed:
        key = _from_jwk(member, algorithms) if isinstance(member, Mapping) else None
        if key is None:
            continue
        kid = str(member["kid"])
        if kid in found:
            raise BadKey("two keys share one kid")
        found[kid] = key
    return found


def _from_jwk(member: Mapping[str, object], algorithms: tuple[str, ...]) -> PublicKey | None:
    text = {name: value for name, value in member.items() if isinstance(value, str)}
    if "kid" not in text or text.get("use", "sig") != "sig" or "d" in member:
        return None
    try:
        key = _ec_key(text) if text["kty"] == "EC" else _rsa_key(text)
    except (KeyError, ValueError, BadSignature):
        return None
    able = [each for each in algorithms if fits(key, each)]
    return key if able and text.get("alg", able[0]) in able else None


def _ec_key(text: Mapping[str, str]) -> PublicKey:
    if text["crv"] != "P-256":
        raise ValueError("another curve")
    numbers = ec.EllipticCurvePublicNumbers(_integer(text["x"]), _integer(text["y"]), P256)
    return numbers.public_key()


def _rsa_key(text: Mapping[str, str]) -> PublicKey:
    if text["kty"] != "RSA":
        raise ValueError("another kind of key")
    return rsa.RSAPublicNumbers(_integer(text["e"]), _integer(text["n"])).public_key()


def _integer(text: str) -> int:
    return int.from_bytes(_decode(text), "big")


def _number(value: int, size: int = 0) -> str:
    return _encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
