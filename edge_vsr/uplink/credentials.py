"""Who we are to the far end, and whom we take it for."""

import ssl
from base64 import b64encode

from edge_vsr.errors import UsageError
from edge_vsr.uplink.address import Address
from edge_vsr.uplink.options import UplinkOptions


def authorization(address: Address, options: UplinkOptions) -> dict[str, str]:
    """The header that says who we are, if any. Raises UsageError."""
    token = options.bearer_token
    if token is not None and address.user is not None:
        raise UsageError(f"{address.shown}: give a user and password or a bearer token, not both")
    if token is not None:
        if not (token.isascii() and token.isprintable() and " " not in token and token):
            raise UsageError("the bearer token has a character that cannot be sent")
        return {"Authorization": f"Bearer {token}"}
    if address.user is not None:
        pair = f"{address.user}:{address.password or ''}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}
    return {}


def trust(options: UplinkOptions) -> ssl.SSLContext:
    """What certificates to trust and to show. Raises UsageError for a file that cannot be used."""
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except OSError as error:
        raise UsageError(
            f"cannot use the CA file {options.ca_file}: {tls_reason(error, 'it has no certificates')}"
        ) from None
    if options.client_certificate is not None:
        try:
            # An empty password, else OpenSSL would ask for one on the terminal.
            context.load_cert_chain(options.client_certificate, options.client_key, password="")
        except OSError as error:
            raise UsageError(
                f"cannot use the client certificate {options.client_certificate}: "
                f"{tls_reason(error, 'it and its key do not fit, or have a password')}"
            ) from None
    return context


def tls_reason(error: OSError, otherwise: str) -> str:
    """Why a file or a connection failed; `otherwise` where only OpenSSL knows."""
    # OpenSSL's words are for programmers.
    return otherwise if isinstance(error, ssl.SSLError) or not error.strerror else error.strerror
