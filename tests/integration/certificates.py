"""A certificate authority for the time of a test."""

import subprocess
from pathlib import Path

from tests.integration.servers import need


def certify(folder: Path, name: str, extension: str) -> None:
    """Make name.pem and name.key, signed by name-ca.pem. `extension` is in OpenSSL's words."""
    openssl = need("openssl")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    ca = ["-keyout", f"{name}-ca.key", "-out", f"{name}-ca.pem", "-subj", f"/CN={name}-ca", "-days", "2"]
    csr = ["-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", "-addext", extension]
    sign = ["-in", f"{name}.csr", "-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-out", f"{name}.pem"]
    for command in (
        ["req", "-x509", *new, *ca],
        ["req", *new, *csr],
        ["x509", "-req", *sign, "-days", "2", "-copy_extensions", "copy"],
    ):
        subprocess.run([openssl, *command], cwd=folder, check=True, capture_output=True)
