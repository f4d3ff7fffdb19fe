"""Has a Chromium trust an authority, in the store that it reads at home: `python trusting.py`.

The same as `certutil -A -t "C,,"`, by the library that Chromium itself brings.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

VALID_CA, TRUSTED_CA = 1 << 3, 1 << 4
"""CERTDB_VALID_CA and CERTDB_TRUSTED_CA of NSS."""


class _Trust(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in ("ssl", "email", "objects")]


def trust(authority: Path, home: Path) -> dict[str, str]:
    """The environment of a browser whose user, at ``home``, trusts the authority."""
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    subprocess.run([sys.executable, __file__, store, authority], check=True)
    return {**os.environ, "HOME": str(home)}


def _trust(store: str, authority: bytes) -> None:
    nss = ctypes.CDLL("libnss3.so")
    decode = ctypes.CDLL("libsmime3.so").CERT_DecodeCertFromPackage
    for function in (nss.PK11_GetInternalKeySlot, nss.CERT_GetDefaultCertDB, decode):
        function.restype = ctypes.c_void_p
    assert nss.NSS_InitReadWrite(f"sql:{store}".encode()) == 0
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    assert nss.PK11_InitPin(slot, None, b"") == 0
    found = ctypes.c_void_p(decode(authority, len(authority)))
    assert nss.PK11_ImportCert(slot, found, 0, b"desks", 0) == 0
    flags = VALID_CA | TRUSTED_CA
    base = ctypes.c_void_p(nss.CERT_GetDefaultCertDB())
    assert nss.CERT_ChangeCertTrust(base, found, ctypes.byref(_Trust(flags, 0, 0))) == 0
    assert nss.NSS_Shutdown() in (0, -1)


if __name__ == "__main__":
    _trust(sys.argv[1], Path(sys.argv[2]).read_bytes())
