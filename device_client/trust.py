"""Whom the device believes over TLS, on both Pythons. There is no way here to believe everyone."""

try:
    from ssl import create_default_context  # type: ignore[attr-defined]

    from .desktop_sockets import Context
except ImportError:  # MicroPython
    from binascii import a2b_base64

    import tls  # type: ignore[import-not-found]

    def create_default_context(cafile=None):  # type: ignore[no-untyped-def,misc]
        if not cafile:
            raise ValueError("MicroPython brings no certificate authorities: name a CA file")
        # Its mbedtls may lack the PEM reader, so the file's first certificate goes in as DER.
        with open(cafile) as file:
            certificate = a2b_base64(file.read().split("-----")[2])
        context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        context.verify_mode = tls.CERT_REQUIRED  # type: ignore[attr-defined]
        context.load_verify_locations(certificate)
        return context

    def Context(context):  # type: ignore[no-untyped-def,no-redef]  # noqa: N802 - in a class's place
        return context


def tls_context(ca_file: str | None = None) -> object:
    """A TLS context that checks certificate and host name.

    `ca_file` is a PEM file, of which MicroPython takes the first certificate; without one CPython
    trusts what the system trusts. OSError when the file cannot be read, ValueError when it is
    missing or holds no certificate.
    """
    return Context(create_default_context(cafile=ca_file))
