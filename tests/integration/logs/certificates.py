"""An authority of the tests' own, and the certificates that it gives."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.accounts import Account


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority: the certificate `ca.pem` in its folder, and the key of it.

    Args:
        folder: where it is; made when it is not there.
        account: who reads what it gives.
    """

    folder: Path
    account: Account

    def found(self) -> None:
        """Make the authority."""
        self.folder.mkdir()
        _openssl(self.folder / "ca.key", self.folder / "ca.pem", "authority", [])

    def give(self, folder: Path, name: str) -> None:
        """Put `ca.pem`, and a certificate of that name with its key, into a machine's folder."""
        folder.mkdir(exist_ok=True)
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        signed = ["-CA", str(self.folder / "ca.pem"), "-CAkey", str(self.folder / "ca.key")]
        extensions = ["-addext", f"subjectAltName=DNS:{name}", "-addext", "basicConstraints=critical,CA:false"]
        _openssl(key, certificate, name, [*signed, *extensions])
        (folder / "ca.pem").write_bytes((self.folder / "ca.pem").read_bytes())
        self.account.own(folder, *folder.iterdir())


def _openssl(key: Path, certificate: Path, name: str, more: list[str]) -> None:
    """A new key, which keeps to its owner, and a certificate of it."""
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    command = ["openssl", "req", *kind, "-subj", f"/CN={name}", "-keyout", key, "-out", certificate, *more]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
