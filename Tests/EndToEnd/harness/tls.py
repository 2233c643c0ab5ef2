"""A front that speaks TLS before a server that does not, and counts what gets through it."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from harness.gate import pipe, shut


class TLSFront:
    """Ends TLS with the certificate that `make-certificates` has made for `localhost` and `127.0.0.1`."""

    def __init__(self, target: tuple[str, int], certificates: Path, host: str = "127.0.0.1", is_old: bool = False):
        self._target = target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        if is_old:
            speak_old_tls(self._context)
        self._listener = socket.create_server((host, 0), backlog=64)
        self.attempts = 0
        """Connections that were begun."""
        self.plain_bytes = 0
        """What clients have sent within TLS, once they trusted it."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def close(self) -> None:
        shut(self._listener, socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> TLSFront:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                self.attempts += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with raw, suppress(OSError):  # a hand-shake that fails, and either side may hang up
            client = self._context.wrap_socket(raw, server_side=True)
            with socket.create_connection(self._target) as server:
                threading.Thread(target=pipe, args=(server, client), daemon=True).start()
                while chunk := client.recv(65_536):
                    self.plain_bytes += len(chunk)
                    server.sendall(chunk)


def speak_old_tls(context: ssl.SSLContext) -> None:
    """TLS 1.1 at most, which OpenSSL takes at its lowest level of security alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")


def lax_openssl(directory: Path) -> Path:
    """An `OPENSSL_CONF` that allows a process TLS 1.0, so that nothing but its own minimum stands against it."""
    path = directory / "lax-openssl.cnf"
    path.write_text(
        "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = lax\n"
        "[lax]\nMinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n"
    )
    return path
