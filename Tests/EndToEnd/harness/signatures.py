"""Signature V4 of presigned URLs, computed apart from the program: by botocore, and by AWS's published steps."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from unittest import mock
from urllib.parse import parse_qs, quote, urlsplit

from harness.store import Store

ALGORITHM = "AWS4-HMAC-SHA256"


def query(url: str) -> dict[str, str]:
    """The query's fields, each of which must come once."""
    fields = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values()), url
    return {name: values[0] for name, values in fields.items()}


def signed_at(url: str) -> datetime:
    return datetime.strptime(query(url)["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")


def signature(url: str, secret_key: str) -> str:
    """What X-Amz-Signature must be for a PUT of this URL."""
    parts = urlsplit(url)
    fields = query(url)
    date, region, service, end = fields["X-Amz-Credential"].split("/")[1:]
    signed = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in fields.items() if name != "X-Amz-Signature")
    canonical = [
        "PUT",
        parts.path,
        "&".join(f"{name}={value}" for name, value in signed),
        f"host:{parts.netloc}\n",
        "host",
        "UNSIGNED-PAYLOAD",
    ]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    to_sign = "\n".join([ALGORITHM, fields["X-Amz-Date"], "/".join([date, region, service, end]), digest])
    key = f"AWS4{secret_key}".encode()
    for step in (date, region, service, end):
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def botocore_url(store: Store, key: str, upload_id: str, part_number: int, expires: int, time: datetime) -> str:
    """What botocore's own generate_presigned_url makes of the same part at the same time."""
    with mock.patch("botocore.auth.get_current_datetime", return_value=time.replace(tzinfo=None)):
        return store.client.generate_presigned_url(
            "upload_part",
            {"Bucket": store.bucket, "Key": key, "UploadId": upload_id, "PartNumber": part_number},
            ExpiresIn=expires,
        )


def is_same_url(one: str, other: str) -> bool:
    """Equal but for the order of the query's fields, which the signature does not depend on."""
    first, second = urlsplit(one), urlsplit(other)
    return first[:3] == second[:3] and sorted(first.query.split("&")) == sorted(second.query.split("&"))
