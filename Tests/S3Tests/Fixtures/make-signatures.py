#!/usr/bin/env python3
"""Write signatures.json beside this file: requests and part URLs as botocore signs them.

    pip install botocore; Tests/S3Tests/Fixtures/make-signatures.py

The tests read the JSON; botocore is needed to make it again, not to run them.
"""
import datetime
import json
import pathlib
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AWS = "https://s3.eu-central-1.amazonaws.com"
LOCAL = "http://127.0.0.1:9000"
KEYS = [
    "users/42/11111111-1111-4111-8111-111111111111", "a b", "a+b", "100%", "a%20b", "q?x=1&y=2", "semi;colon", "hash#tag",
    "ünïcode/日本語/🙂", "tilde~dash-dot.under_", "sla//shes", "/leading", "trailing/", "a/./b/../c", "quote\"'<>&", "=,:@!$*()[]",
]
UPLOAD_IDS = [
    "simple", "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA", "2~OTk3Mi5-_.abc", "a+b/c==", "sp ace%&=?#;", "é",
    "x" * 1024,
]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/LTo6UDdyJwOOvEVPvLXCrrrUtdnniCEXAMPLE/=="
NOW = datetime.datetime(2024, 2, 29, 23, 59, 59, tzinfo=datetime.timezone.utc)


def at(moment):
    botocore.auth.get_current_datetime = lambda *_, **__: moment.replace(tzinfo=None)


def location(endpoint, bucket, style):
    """Scheme, authority and path up to the key's slash."""
    parts = urlsplit(endpoint)
    if style == "virtual":
        return parts.scheme, f"{bucket}.{parts.netloc}", parts.path
    return parts.scheme, parts.netloc, f"{parts.path}/{bucket}"


def encoded(text, safe=""):
    return quote(text.encode(), safe=safe + "-._~")


def part_url(key="k", upload_id="u", part=1, endpoint=None, bucket="uploads", style="path", region="us-east-1", expires=86400,
             access="AKIAIOSFODNN7EXAMPLE", token=None, now=NOW):
    endpoint = endpoint or LOCAL
    at(now)
    scheme, authority, path = location(endpoint, bucket, style)
    url = f"{scheme}://{authority}{path}/{encoded(key, '/')}?partNumber={part}&uploadId={encoded(upload_id)}"
    request = AWSRequest(method="PUT", url=url)
    botocore.auth.S3SigV4QueryAuth(Credentials(access, SECRET, token), "s3", region, expires).add_auth(request)
    base, query = request.url.split("?", 1)
    return {
        "key": key, "uploadID": upload_id, "part": part, "endpoint": endpoint, "bucket": bucket, "style": style,
        "region": region, "expires": expires, "accessKeyID": access, "secretAccessKey": SECRET, "sessionToken": token,
        "date": now.timestamp(), "base": base, "query": sorted(query.split("&")),
    }


def header_signature(method, key, query, headers, body="", endpoint=LOCAL, bucket="uploads", style="path", region="us-east-1",
                     token=None, now=NOW):
    at(now)
    scheme, authority, path = location(endpoint, bucket, style)
    target = path if key is None else f"{path}/{encoded(key, '/')}"
    target = target or "/"
    text = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in query)
    request = AWSRequest(method=method, url=f"{scheme}://{authority}{target}" + (f"?{text}" if text else ""),
                         headers=dict(headers), data=body.encode())
    # A client over https would send UNSIGNED-PAYLOAD; ours always hashes.
    request.context["payload_signing_enabled"] = True
    auth = botocore.auth.S3SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", SECRET, token), "s3", region)
    auth._should_sha256_sign_payload = lambda _: True
    auth.add_auth(request)
    return {
        "method": method, "key": key, "query": query, "headers": headers, "body": body, "endpoint": endpoint, "bucket": bucket,
        "style": style, "region": region, "accessKeyID": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": SECRET,
        "sessionToken": token, "date": now.timestamp(), "authorization": request.headers["Authorization"],
    }


def part_urls():
    yield from (part_url(key=key) for key in KEYS)
    yield from (part_url(upload_id=upload_id) for upload_id in UPLOAD_IDS)
    yield from (part_url(part=part) for part in (9, 10, 99, 100, 10000))
    yield from (part_url(expires=seconds) for seconds in (1, 604800))
    yield part_url(token=TOKEN)
    yield part_url(token=TOKEN, key=KEYS[8], upload_id=UPLOAD_IDS[4], part=20, endpoint=AWS, style="virtual", region="eu-central-1")
    yield part_url(endpoint=AWS, bucket="with.dots", region="eu-central-1")
    yield part_url(endpoint="https://storage.example.com", style="virtual")
    yield part_url(endpoint="https://storage.example.com:8443/pre/fix", key="a b")
    yield part_url(endpoint="http://[::1]:9000")
    yield part_url(access="key/with+odd=signs")
    for moment in ((1970, 1, 1), (2000, 2, 29, 0, 0, 1), (2023, 12, 31, 23, 59, 59), (2024, 3, 1), (2099, 1, 1)):
        yield part_url(now=datetime.datetime(*moment, tzinfo=datetime.timezone.utc))


def header_signatures():
    yield header_signature("POST", "a b/ü", [["uploads", ""]], [["content-type", "video/mp4"], ["x-amz-meta-upload-session", "s-1"]])
    yield header_signature("POST", "k", [["uploadId", "a+b/c=="]], [["content-type", "application/xml"]], body="<a>é</a>")
    yield header_signature("DELETE", "k", [["uploadId", "2~x"]], [], token=TOKEN)
    yield header_signature("GET", "k", [["max-parts", "1000"], ["part-number-marker", "0"], ["uploadId", "u"]], [], endpoint=AWS,
                           style="virtual", region="eu-central-1")
    yield header_signature("GET", None, [["prefix", "users/1/a b"], ["uploads", ""]], [])
    yield header_signature("HEAD", None, [], [], endpoint=AWS, style="virtual")
    yield header_signature("HEAD", "k~-._", [], [["x-amz-checksum-mode", "ENABLED"]])


if __name__ == "__main__":
    file = pathlib.Path(__file__).with_name("signatures.json")
    fixture = {"partURLs": list(part_urls()), "requests": list(header_signatures())}
    file.write_text(json.dumps(fixture, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    print(f"{file.name}: {len(fixture['partURLs'])} part URLs, {len(fixture['requests'])} requests")
