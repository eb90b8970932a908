"""The keys of the record, handed in by whoever calls: no module here reads a file for them."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from venterom.journal.jws import PublicKey, thumbprint
from venterom.journal.seal import KekRing


@dataclass(slots=True)
class Keys:
    """What seals, what signs, and what makes pseudonyms.

    A running service has one of these, and takes up new keys into it.
    """

    keks: KekRing
    signing: ec.EllipticCurvePrivateKey = field(repr=False)
    index: bytes = field(repr=False)  # 32 bytes, never in the database
    retired: Mapping[str, PublicKey] = field(default_factory=dict)  # they go on verifying

    def renew(self, other: "Keys") -> None:
        """Seal and sign with the other one's keys from now on; pseudonyms stay as they are."""
        self.keks.renew(other.keks)
        self.signing, self.retired = other.signing, other.retired

    @property
    def kid(self) -> str:
        """The name of the signing key: its thumbprint."""
        return thumbprint(self.signing.public_key())

    @property
    def verifying(self) -> dict[str, PublicKey]:
        """All keys that may have signed an entry."""
        return {**self.retired, self.kid: self.signing.public_key()}

    def pseudonym(self, patient: str) -> str:
        """The patient's name outside the house: the same each time, and nobody can count back."""
        return hmac.new(self.index, b"pseudonym1" + patient.encode(), hashlib.sha256).hexdigest()
