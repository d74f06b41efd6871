"""Certificate authorities, as an office may have one of its own, and what they sign."""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.central.certificate import HERE

DAY = dt.timedelta(days=1)


class Authority:
    """One authority with its key. `certificate` is what laptops are given of it, as PEM."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.vouches_for(self)

    def vouches_for(self, other: "Authority") -> str:
        """What says that another authority is to be believed where this one is."""
        return _pem(self._signed(other._name, other._key, 0, 2, is_authority=True))

    def certify(self, folder: Path, *, since: int = -1, until: int = 1) -> tuple[Path, Path]:
        """A certificate for a service on this machine, for these days from now, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Office of the test")])
        certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
        certificate_file.write_text(_pem(self._signed(name, key, since, until)))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate_file, key_file

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        since: int,
        until: int,
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC) - DAY / 24
        mine, its = (
            x509.SubjectKeyIdentifier.from_public_key(k.public_key()) for k in (self._key, key)
        )
        made = (
            x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now + since * DAY)
            .not_valid_after(now + until * DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(its, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(mine), critical=False
            )
        )
        if not is_authority:
            here = x509.SubjectAlternativeName([x509.IPAddress(HERE)])
            made = made.add_extension(here, critical=False)
        return made.sign(self._key, hashes.SHA256())


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()
