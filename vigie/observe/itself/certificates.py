"""When certificates end, as `openssl x509` says: the standard library reads no certificate from a file."""

import time
from functools import partial

from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.itself.model import CertificateSeen, CertificateState
from vigie.observe.itself.settings import Certificate


class CertificateError(Exception):
    """A certificate cannot be read; a few words."""


def certificates_asked(certificates: list[Certificate], until: float) -> list[Asked[int]]:
    """Begin to read each certificate's end, all at the same time.

    Args:
        certificates: those of this machine.
        until: deadline, a time of `time.monotonic`.
    """
    return [Asked(partial(_expiry, certificate.file, until)) for certificate in certificates]


def certificates_seen(
    certificates: list[Certificate], asked: list[Asked[int]], now: float, until: float
) -> dict[str, CertificateSeen]:
    """Judge each certificate by its end.

    Args:
        certificates: those of this machine.
        asked: what was begun for each of them.
        now: epoch seconds.
        until: deadline, a time of `time.monotonic`.
    """
    return {
        certificate.name: _seen(certificate, answer, now, until)
        for certificate, answer in zip(certificates, asked, strict=True)
    }


def _seen(certificate: Certificate, asked: Asked[int], now: float, until: float) -> CertificateSeen:
    try:
        expires_at = asked.answer(until)
    except TooLateError:  # a slow moment says nothing of the certificate
        return CertificateSeen(certificate.name, texts.sentence(f"{certificate.file}: is not read in time"), late=1)
    except CertificateError as error:
        sentence = texts.sentence(f"{certificate.file}: {error}")
        return CertificateSeen(certificate.name, sentence, CertificateState.UNREADABLE, 0, -1)
    left = expires_at - int(now)
    if left <= 0:
        state = CertificateState.EXPIRED
    else:
        state = CertificateState.EXPIRING if left <= certificate.warn else CertificateState.VALID
    return CertificateSeen(certificate.name, "", state, expires_at, left)


def _expiry(file: str, until: float) -> int:
    import subprocess  # some milliseconds: paid only where certificates are declared
    from calendar import timegm

    command = ["openssl", "x509", "-noout", "-enddate", "-in", file]
    try:
        with open(file, "rb"):  # its error says why, openssl's does not
            pass
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=max(0.05, until - time.monotonic()),
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise TooLateError from None
    except OSError as error:
        what = "openssl is not installed" if error.filename == "openssl" else error.strerror
        raise CertificateError(f"cannot be read: {what}") from error
    said = done.stdout.decode(errors="replace").strip()
    try:
        # "notAfter=Nov  1 12:00:00 2027 GMT": English and GMT, whatever the machine's language is.
        return timegm(time.strptime(said.partition("=")[2], "%b %d %H:%M:%S %Y GMT"))
    except ValueError:
        raise CertificateError("is not a certificate (PEM)") from None
