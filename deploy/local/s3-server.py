#!/usr/bin/python3
"""OpenStack Swift with its S3 API as one process: an S3 server that verifies signatures, in memory, on loopback.

Proxy, account, container and object server of Debian's python3-swift run side by side in one eventlet loop. Not for
production: what is stored is gone with the process, unless SIGUSR1 ends it, which keeps it for the next start. Started by
start-s3, which sets the environment:

    S3_PORT                             the S3 API; the three after it are Swift's own servers
    S3_STATE                            a folder for rings, account databases, and what SIGUSR1 keeps
    AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    S3_CERTIFICATE S3_PRIVATE_KEY       PEM files; with them the port speaks https
"""

import io
import os
import pickle
import shutil
import signal
from time import monotonic

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402

PORT = int(os.environ["S3_PORT"])
STATE = os.path.abspath(os.environ["S3_STATE"])
KEPT = f"{STATE}/objects"
HASH_SUFFIX = "throw-away"


def write_configuration() -> None:
    """Swift reads these files when its modules are loaded, so they are written before."""
    if not os.path.exists(KEPT):
        shutil.rmtree(STATE, ignore_errors=True)
    os.makedirs(f"{STATE}/devices/memory", exist_ok=True)
    utils.SWIFT_CONF_FILE = f"{STATE}/swift.conf"
    utils.HASH_PATH_SUFFIX = HASH_SUFFIX.encode()
    with open(utils.SWIFT_CONF_FILE, "w") as file:
        # Header size: a presigned URL's signature and session token travel as headers inside Swift.
        file.write(f"[swift-hash]\nswift_hash_path_suffix = {HASH_SUFFIX}\n")
        file.write("[swift-constraints]\nmax_header_size = 16384\n")
    with open(f"{STATE}/proxy.conf", "w") as file:
        file.write("[app:proxy]\n")


write_configuration()

from swift.account import server as account_server  # noqa: E402
from swift.common.http_protocol import SwiftHttpProtocol  # noqa: E402
from swift.common.middleware import bulk, catch_errors, copy, gatekeeper, listing_formats, slo, tempauth  # noqa: E402
from swift.common.middleware.s3api import s3api  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.container import server as container_server  # noqa: E402
from swift.obj import mem_server as object_server  # noqa: E402
from swift.proxy import server as proxy_server  # noqa: E402

SETTINGS = {
    "swift_dir": STATE,
    "devices": f"{STATE}/devices",
    "recon_cache_path": STATE,
    "mount_check": "false",
    "disable_fallocate": "true",
    "bind_ip": "127.0.0.1",
    "workers": "0",
    "log_name": "s3",
    "log_level": "ERROR",
    "account_autocreate": "true",
    "allow_account_management": "true",
    "conn_timeout": "5",
    "node_timeout": "30",
    "client_timeout": "30",
}


class Cache:
    """What Swift asks of memcached, in a dictionary."""

    def __init__(self):
        self._entries = {}

    def get(self, key, **_):
        value, end = self._entries.get(key, (None, None))
        return value if end is None or end > monotonic() else None

    def set(self, key, value, time=0, **_):
        self._entries[key] = (value, monotonic() + time if time else None)

    def incr(self, key, delta=1, time=0, **_):
        value = (self.get(key) or 0) + delta
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0, **_):
        return self.incr(key, -delta, time)

    def delete(self, key, **_):
        self._entries.pop(key, None)


def with_cache(app):
    cache = Cache()

    def call(environment, start_response):
        environment["swift.cache"] = cache
        return app(environment, start_response)

    return call


class KeyPair(tempauth.TempAuth):
    """Swift's test authentication, whose access keys have to look like `account:user`, for a key of any look.

    The account's name must not contain the access key: s3api replaces the one by the other in paths.
    """

    def __init__(self, app, settings):
        super().__init__(app, settings)
        self.users[os.environ["AWS_ACCESS_KEY_ID"]] = {
            "key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "url": "$HOST/v1/AUTH_0",
            "groups": [".admin"],
        }


def write_ring(kind, port):
    """A ring of one device: who stores what of this kind."""
    builder = RingBuilder(1, 1, 0)
    device = {"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "memory", "weight": 1.0}
    builder.add_dev(device)
    builder.rebalance()
    builder.get_ring().save(f"{STATE}/{kind}.ring.gz")


def s3_application():
    """The proxy behind the filters that it has in production, the innermost first."""
    app = proxy_server.app_factory(dict(SETTINGS, __file__=f"{STATE}/proxy.conf", __name__="proxy"))
    filters = (
        slo.filter_factory(
            dict(SETTINGS), max_manifest_segments="10000", max_manifest_size="33554432", concurrency="2", yield_frequency="10"
        ),
        copy.filter_factory(dict(SETTINGS)),
        lambda app: KeyPair(app, dict(SETTINGS)),
        s3api.filter_factory(
            dict(SETTINGS),
            location=os.environ["AWS_REGION"],
            storage_domain="localhost",
            auth_pipeline_check="false",
            check_bucket_owner="false",
            s3_acl="false",
            max_upload_part_num="10000",
        ),
        listing_formats.filter_factory(dict(SETTINGS)),
        bulk.filter_factory(dict(SETTINGS)),
        with_cache,
        gatekeeper.filter_factory(dict(SETTINGS)),
        catch_errors.filter_factory(dict(SETTINGS)),
    )
    for wrap in filters:
        app = wrap(app)
    return app


def keep(objects):
    """Writes what is stored where the next start finds it: under its name once it is whole."""
    stored = {name: (file.getvalue(), metadata) for name, (file, metadata) in objects.items()}
    with open(f"{KEPT}.part", "wb") as file:
        pickle.dump(stored, file, pickle.HIGHEST_PROTOCOL)
    os.rename(f"{KEPT}.part", KEPT)


def kept():
    """What the last process kept, taken once: one that is killed leaves nothing behind."""
    if not os.path.exists(KEPT):
        return {}
    with open(KEPT, "rb") as file:
        stored = pickle.load(file)
    os.remove(KEPT)
    return {name: (io.BytesIO(data), metadata) for name, (data, metadata) in stored.items()}


class NoLog:
    def write(self, *_):
        """Takes what would be an access log."""

    debug = info = warning = error = write


def serve(socket, app):
    eventlet.spawn(
        wsgi.server,
        socket,
        app,
        NoLog(),
        protocol=SwiftHttpProtocol,
        capitalize_response_headers=False,
        custom_pool=eventlet.GreenPool(512),
        socket_timeout=60,
    )


def listen(port):
    return eventlet.listen(("127.0.0.1", port), backlog=512)


def main():
    backends = {
        "account": account_server.app_factory,
        "container": container_server.app_factory,
        "object": object_server.app_factory,
    }
    for offset, kind in enumerate(backends, start=1):
        write_ring(kind, PORT + offset)
    for offset, (kind, factory) in enumerate(backends.items(), start=1):
        app = factory(dict(SETTINGS))
        serve(listen(PORT + offset), app)
        if kind == "object":
            objects = app._filesystem._filesystem
            objects.update(kept())

    wsgi.MAX_REQUEST_LINE = 32768
    socket = listen(PORT)
    if "S3_CERTIFICATE" in os.environ:
        files = {"certfile": os.environ["S3_CERTIFICATE"], "keyfile": os.environ["S3_PRIVATE_KEY"]}
        socket = eventlet.wrap_ssl(socket, server_side=True, **files)
    serve(socket, s3_application())

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGUSR1, lambda *_: (keep(objects), os._exit(0)))
    while True:
        eventlet.sleep(3600)


main()
