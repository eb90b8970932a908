"""Tokens that must pass, and many that must not."""

import base64
import hashlib
import hmac
import json
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from venterom.journal import jws
from venterom.journal.errors import BadKey, BadSignature, UnsafeBackend

KEY = ec.derive_private_key(7, ec.SECP256R1())
OTHER = ec.derive_private_key(8, ec.SECP256R1())
RSA = rsa.generate_private_key(65_537, 2_048)
KEYS: dict[str, jws.PublicKey] = {"k1": KEY.public_key(), "r1": RSA.public_key()}
TYP = "journal-entry+jws"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_es256(data: bytes, key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def token(header: Any = None, payload: bytes = b"{}", key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """A token that is truly signed, whatever its header says."""
    if header is None:
        header = {"alg": "ES256", "kid": "k1", "typ": TYP}
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    signed = f"{b64(head)}.{b64(payload)}"
    return f"{signed}.{b64(raw_es256(signed.encode(), key))}"


def refused(text: Any, typ: tuple[str, ...] | None = (TYP,), **how: Any) -> None:
    with pytest.raises(BadSignature):
        jws.verify(text, KEYS, typ=typ, **how)


def test_what_was_signed_verifies() -> None:
    assert jws.verify(jws.sign(b"payload", KEY, "k1", TYP), KEYS, typ=(TYP,)) == b"payload"
    signed = jws.sign({"b": 1, "a": "å"}, KEY, "k1", TYP)
    assert jws.verify(signed, KEYS, typ=("x", TYP)) == '{"a":"å","b":1}'.encode()


def test_the_header_holds_three_fields() -> None:
    head = jws.sign(b"x", KEY, "k1", TYP).split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert header == {"alg": "ES256", "kid": "k1", "typ": TYP}


def test_our_own_builder_makes_tokens_that_pass() -> None:
    assert jws.verify(token(), KEYS, typ=(TYP,)) == b"{}"  # else the refusals below prove nothing
    with_x5t = {"alg": "ES256", "kid": "k1", "typ": TYP, "x5t": "abc"}
    assert jws.verify(token(with_x5t), KEYS, typ=(TYP,)) == b"{}"


BASE = {"alg": "ES256", "kid": "k1", "typ": TYP}


@pytest.mark.parametrize(
    "header",
    [
        BASE | {"alg": "none"},  # no signature wanted
        BASE | {"alg": "None"},
        BASE | {"alg": "HS256"},  # the public key as a shared secret
        BASE | {"alg": "ES384"},
        BASE | {"alg": "RS256"},  # not asked for by the caller
        BASE | {"alg": "es256"},
        BASE | {"alg": "ES"},  # a part of an allowed name
        BASE | {"alg": ["ES256"]},
        BASE | {"alg": None},
        {"kid": "k1", "typ": TYP},  # no algorithm at all
        BASE | {"typ": "consent-receipt+jws"},  # a receipt is not an entry
        BASE | {"typ": "JWT"},
        BASE | {"typ": TYP.upper()},
        BASE | {"typ": [TYP]},
        {"alg": "ES256", "kid": "k1"},  # no type
        BASE | {"kid": "k2"},  # unknown key
        BASE | {"kid": 1},
        BASE | {"kid": None},
        BASE | {"kid": ["k1"]},
        {"alg": "ES256", "typ": TYP},  # no key named
        BASE | {"kid": "r1"},  # a key of another kind
        BASE | {"crit": ["exp"]},
        BASE | {"crit": []},
        BASE | {"jku": "https://evil.example/keys"},
        BASE | {"jwk": {"kty": "EC"}},
        BASE | {"x5u": "https://evil.example/cert"},
        BASE | {"x5c": ["MIIB"]},
        BASE | {"zip": "DEF"},
        BASE | {"b64": False},
        BASE | {"enc": "A256GCM"},
        BASE | {"cty": "JWT"},
        BASE | {"anything": 1},
        [],
        "ES256",
        {},
        b"",
        b"{",
        b"\xff\xfe",
        b'{"alg":"ES256","kid":"k1","typ":"journal-entry+jws","alg":"none"}',  # said twice
        b'{"alg":"none","alg":"ES256","kid":"k1","typ":"journal-entry+jws"}',
        b"[" * 2_500,  # deep nesting
        b'\xef\xbb\xbf{"alg":"ES256","kid":"k1","typ":"journal-entry+jws"}',  # byte order mark
    ],
)
def test_a_signed_token_with_a_bad_header_is_refused(header: Any) -> None:
    refused(token(header))


def parts() -> list[str]:
    return token().split(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        ".".join(parts()[:2]),  # two parts
        ".".join([*parts()[:2], ""]),  # signature taken off
        ".".join(["", *parts()[1:]]),
        ".".join([*parts(), "AAAA"]),  # four parts
        ".".join([*parts()[:2], parts()[2][:-4]]),  # signature cut
        ".".join([*parts()[:2], parts()[2] + "AAAA"]),  # … made longer
        ".".join([*parts()[:2], b64(bytes(64))]),  # all zero (CVE-2022-21449)
        ".".join([*parts()[:2], b64(b"\xff" * 64)]),
        ".".join([*parts()[:2], b64(KEY.sign(b"x", ec.ECDSA(hashes.SHA256())))]),  # DER
        ".".join([parts()[0], b64(b'{"a":1}'), parts()[2]]),  # another payload
        token(key=OTHER),  # signed by somebody else
        token() + "=",  # padding
        token() + "\n",
        " " + token(),
        token().replace(".", "+."),
        token().replace(".", "å."),
        token() + "A",  # an impossible length of base64
        "A." + ".".join(parts()[1:]),
        token(payload=b"x" * 4_096),  # too big
    ],
    ids=map(str, count()),  # signatures are made anew each time, and no names
)
def test_a_token_of_the_wrong_shape_or_signature_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("text", [None, 7, b"a.b.c", token().encode(), {"a": 1}, [token()]])
def test_what_is_no_text_is_refused(text: Any) -> None:
    refused(text)


def test_bytes_can_be_written_in_one_way_only() -> None:
    head, payload, signature = parts()
    # 64 bytes take 86 letters; the last four bits of the last one mean nothing and must be zero.
    twin = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    same = base64.urlsafe_b64decode(signature[:-1] + twin + "==")
    assert same == base64.urlsafe_b64decode(signature + "==")  # most readers see no difference
    refused(f"{head}.{payload}.{signature[:-1]}{twin}")


@pytest.mark.parametrize("secret_form", ["pem", "der", "point"])
def test_a_public_key_is_no_shared_secret(secret_form: str) -> None:
    public = KEY.public_key()
    encoding, shape = {
        "pem": (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "der": (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        "point": (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint),
    }[secret_form]
    signed = f"{b64(json.dumps(BASE | {'alg': 'HS256'}).encode())}.{b64(b'{}')}"
    mac = hmac.new(public.public_bytes(encoding, shape), signed.encode(), hashlib.sha256).digest()
    refused(f"{signed}.{b64(mac)}")


def test_an_altered_signature_may_verify_so_it_is_never_an_id() -> None:
    head, payload, signature = parts()
    raw = base64.urlsafe_b64decode(signature + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    twin = f"{head}.{payload}.{b64(raw[:32] + s.to_bytes(32, 'big'))}"
    assert twin != token() and jws.verify(twin, KEYS, typ=(TYP,)) == b"{}"
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), s)
    KEY.public_key().verify(der, f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))


def rs256(header: dict[str, object], key: rsa.RSAPrivateKey = RSA) -> str:
    signed = f"{b64(json.dumps(header).encode())}.{b64(b'{}')}"
    return f"{signed}.{b64(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def test_rs256_verifies_only_when_it_is_asked_for() -> None:
    good = rs256({"alg": "RS256", "kid": "r1"})
    assert jws.verify(good, KEYS, typ=None, algorithms=("RS256",)) == b"{}"
    assert jws.verify(good, KEYS, typ=None, algorithms=("ES256", "RS256")) == b"{}"
    refused(good, None)
    refused(rs256({"alg": "RS256", "kid": "k1"}), None, algorithms=("RS256",))  # an EC key
    refused(rs256({"alg": "RS256", "kid": "r1"})[:-8], None, algorithms=("RS256",))
    small = rsa.generate_private_key(65_537, 1_024)
    weak = rs256({"alg": "RS256", "kid": "w"}, small)
    with pytest.raises(BadSignature):
        jws.verify(weak, {"w": small.public_key()}, typ=None, algorithms=("RS256",))


@pytest.mark.parametrize(
    ("typ", "passes"),
    [("JWT", True), ("jwt", True), (None, True), ("at+jwt", False), (TYP, False), (1, False)],
)
def test_no_type_asked_for_means_none_or_jwt(typ: Any, passes: bool) -> None:
    header = {"alg": "ES256", "kid": "k1"} | ({"typ": typ} if typ else {})
    if passes:
        assert jws.verify(token(header), KEYS, typ=None) == b"{}"
    else:
        refused(token(header), None)


@pytest.mark.parametrize("algorithms", ["ES256", ("ES256", "HS256"), ("none",), ["ES256"]])
def test_a_caller_cannot_ask_for_a_symmetric_algorithm_or_hand_in_a_string(
    algorithms: Any,
) -> None:
    with pytest.raises(ValueError, match="tuple of asymmetric"):
        jws.verify(token(), KEYS, typ=(TYP,), algorithms=algorithms)


@pytest.mark.parametrize(
    "key",
    [
        b"secret",
        KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "text",
        {"kty": "EC"},
        KEY,  # a private key
        ec.generate_private_key(ec.SECP384R1()).public_key(),  # another curve
        None,
    ],
)
def test_only_key_objects_of_the_right_kind_verify(key: Any) -> None:
    with pytest.raises(BadSignature):
        jws.verify(token(), {"k1": key}, typ=(TYP,))


@pytest.mark.parametrize("key", [KEY.public_key(), ec.generate_private_key(ec.SECP384R1()), b"x"])
def test_only_a_private_key_on_p256_signs(key: Any) -> None:
    with pytest.raises(BadKey):
        jws.sign(b"x", key, "k1", TYP)


def test_nothing_is_signed_that_would_not_be_accepted_back() -> None:
    with pytest.raises(BadSignature):
        jws.sign(b"x" * jws.MAX_TOKEN, KEY, "k1", TYP)


def test_a_key_set_comes_back_as_it_went_out() -> None:
    listed = [jws.public_jwk(KEY.public_key()), jws.public_jwk(RSA.public_key())]
    keys = jws.keys_from_jwks({"keys": listed})
    assert list(keys) == [jws.thumbprint(KEY.public_key()), jws.thumbprint(RSA.public_key())]
    for ours, theirs in zip((KEY.public_key(), RSA.public_key()), keys.values(), strict=True):
        assert ours == theirs


def test_thumbprint_is_that_of_rfc_7638() -> None:
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP"
        "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY"
        "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f"
        "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    listed = {"keys": [{"kty": "RSA", "n": n, "e": "AQAB", "kid": "2011-04-29"}]}
    key = jws.keys_from_jwks(listed)["2011-04-29"]
    assert jws.thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


GOOD = jws.public_jwk(KEY.public_key())


@pytest.mark.parametrize(
    "member",
    [
        "text",
        {k: v for k, v in GOOD.items() if k != "kid"},
        {k: v for k, v in GOOD.items() if k != "kty"},
        {k: v for k, v in GOOD.items() if k != "x"},
        GOOD | {"use": "enc"},
        GOOD | {"alg": "RS256"},
        GOOD | {"crv": "P-384"},
        GOOD | {"kty": "oct", "k": "c2VjcmV0"},  # a shared secret
        GOOD | {"d": "AQ"},  # somebody published a private key
        GOOD | {"x": GOOD["y"]},  # not a point of the curve
        GOOD | {"x": "!!"},
        GOOD | {"kid": 7},
        jws.public_jwk(rsa.generate_private_key(65_537, 1_024).public_key()),
        jws.public_jwk(RSA.public_key()) | {"e": "AA"},
    ],
)
def test_a_key_that_we_do_not_understand_or_trust_is_left_out(member: Any) -> None:
    assert jws.keys_from_jwks({"keys": [member]}) == {}


@pytest.mark.parametrize(
    "jwks", [{}, {"keys": {}}, {"keys": None}, {"keys": [GOOD, GOOD]}, {"keys": [GOOD] * 101}]
)
def test_a_key_set_that_is_none_is_refused(jwks: Any) -> None:
    with pytest.raises(BadKey):
        jws.keys_from_jwks(jwks)


def test_only_p256_is_published() -> None:
    with pytest.raises(BadKey):
        jws.public_jwk(ec.generate_private_key(ec.SECP384R1()).public_key())


def test_the_backend_is_the_cryptography_package() -> None:
    jws.self_test()


@pytest.mark.parametrize("fault", ["other class", "other rsa", "verifies nothing"])
def test_start_up_refuses_another_backend(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault == "other class":
        monkeypatch.setattr(jws, "_jose_key", lambda key, algorithm: object())
    elif fault == "other rsa":
        monkeypatch.setattr(jws, "CryptographyRSAKey", object)
    else:
        monkeypatch.setattr(jws, "verify", lambda *a, **k: b"something else")
    with pytest.raises(UnsafeBackend):
        jws.self_test()


# ---- a key that is shown in the header (DPoP)

PROOF = "dpop+jwt"
SHOWN = jws.members(KEY.public_key())
PROOF_HEAD = {"alg": "ES256", "typ": PROOF, "jwk": SHOWN}


def test_a_proof_shows_the_public_key_and_nothing_more() -> None:
    proof = jws.sign_showing_key({"jti": "1"}, KEY, PROOF)
    header = json.loads(base64.urlsafe_b64decode(proof.split(".")[0] + "=="))
    assert header == {"alg": "ES256", "typ": PROOF, "jwk": SHOWN}
    assert set(SHOWN) == {"kty", "crv", "x", "y"}
    assert jws.verify_shown(proof, PROOF) == (jws.thumbprint(KEY.public_key()), b'{"jti":"1"}')


def test_our_own_builder_makes_proofs_that_pass() -> None:
    assert jws.verify_shown(token(PROOF_HEAD), PROOF)[1] == b"{}"


@pytest.mark.parametrize(
    "header",
    [
        PROOF_HEAD | {"alg": "none"},
        PROOF_HEAD | {"alg": "HS256"},
        PROOF_HEAD | {"alg": "RS256"},
        PROOF_HEAD | {"typ": "JWT"},
        PROOF_HEAD | {"jwk": jws.members(OTHER.public_key())},  # another key than it is signed with
        PROOF_HEAD | {"jwk": SHOWN | {"d": "AQ"}},  # a private key is nobody's to see
        PROOF_HEAD | {"jwk": SHOWN | {"crv": "P-384"}},
        PROOF_HEAD | {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
        PROOF_HEAD | {"jwk": jws.members(RSA.public_key())},
        PROOF_HEAD | {"jwk": None},
        PROOF_HEAD | {"jwk": "k1"},
        PROOF_HEAD | {"kid": "k1"},
        PROOF_HEAD | {"crit": ["exp"]},
        {"alg": "ES256", "typ": PROOF},
    ],
)
def test_a_proof_that_shows_no_key_of_its_own_is_refused(header: Any) -> None:
    with pytest.raises(BadSignature):
        jws.verify_shown(token(header), PROOF)


def test_a_token_that_shows_its_key_is_no_token_of_a_known_key() -> None:
    refused(jws.sign_showing_key({"jti": "1"}, KEY, TYP))


def test_a_proof_needs_a_key_on_p_256() -> None:
    with pytest.raises(BadKey):
        jws.sign_showing_key({}, ec.derive_private_key(7, ec.SECP384R1()), PROOF)


def ps256(header: dict[str, str], scheme: Any, key: rsa.RSAPrivateKey = RSA) -> str:
    """A token with an RSA signature of this scheme, whatever its header says."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(b'{}')}"
    return f"{signed}.{b64(key.sign(signed.encode(), scheme, hashes.SHA256()))}"


PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def test_ps256_verifies_where_it_is_asked_for() -> None:
    good = ps256({"alg": "PS256", "kid": "r1", "typ": TYP}, PSS)
    assert jws.verify(good, KEYS, typ=(TYP,), algorithms=("ES256", "PS256")) == b"{}"
    refused(good)  # and nowhere else
    refused(good, algorithms=("ES256", "RS256"))


@pytest.mark.parametrize(
    ("header", "scheme", "key"),
    [
        ({"alg": "PS256", "kid": "r1"}, padding.PKCS1v15(), RSA),  # RS256 under another name
        ({"alg": "PS256", "kid": "r1"}, padding.PSS(padding.MGF1(hashes.SHA256()), 20), RSA),
        ({"alg": "PS256", "kid": "r1"}, padding.PSS(padding.MGF1(hashes.SHA1()), 32), RSA),
        ({"alg": "PS256", "kid": "k1"}, PSS, RSA),  # the name of a key of another kind
        ({"alg": "RS256", "kid": "r1"}, PSS, RSA),
        ({"alg": "ES256", "kid": "r1"}, PSS, RSA),
        ({"alg": "PS256", "kid": "r1"}, PSS, rsa.generate_private_key(65_537, 2_048)),
    ],
)
def test_what_is_no_ps256_of_the_named_key_is_refused(
    header: dict[str, str], scheme: Any, key: rsa.RSAPrivateKey
) -> None:
    refused(ps256(header | {"typ": TYP}, scheme, key), algorithms=("ES256", "PS256"))


def test_a_key_for_ps256_is_taken_only_where_it_is_asked_for() -> None:
    listed = {"keys": [{**jws.public_jwk(RSA.public_key()), "alg": "PS256"}]}
    assert jws.keys_from_jwks(listed) == {}
    assert len(jws.keys_from_jwks(listed, ("ES256", "PS256"))) == 1
