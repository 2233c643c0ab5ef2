"""The S3 server seen from outside: parts through presigned URLs as a browser sends them, and a boto3 client to look with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.servers import StoreServer

PART = 5 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    etag: str | None


class Store:
    def __init__(self, server: StoreServer) -> None:
        self.server = server
        self.bucket = server.bucket
        self._http = urllib3.PoolManager(retries=False)
        self.client = boto3.client(
            "s3",
            endpoint_url=server.endpoint,
            region_name=server.region,
            aws_access_key_id=server.access_key,
            aws_secret_access_key=server.secret_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, url: str, data: bytes) -> Answer:
        """What a browser does with a presigned URL; any answer is returned."""
        return self.send("PUT", url, data)

    def send(self, method: str, url: str, data: bytes | None = None) -> Answer:
        response = self._http.request(method, url, body=data, timeout=60)
        return Answer(response.status, response.data.decode(errors="replace"), response.headers.get("ETag"))

    def put_part(self, url: str, data: bytes) -> str:
        """The ETag of a part that must be accepted."""
        answer = self.put(url, data)
        assert answer.status == 200 and answer.etag, answer
        return answer.etag

    def put_parts(self, urls: list[str], parts: list[bytes]) -> list[dict[str, Any]]:
        """Sends each part to its URL: the `parts` of a complete request."""
        return [
            {"part_number": number, "etag": self.put_part(url, data)}
            for number, (url, data) in enumerate(zip(urls, parts, strict=True), start=1)
        ]

    def abort(self, key: str, upload_id: str) -> None:
        self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)

    def open_uploads(self, key: str) -> list[str]:
        """The ids of the uploads that the store holds open under exactly that key."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=key)
        return [upload["UploadId"] for page in pages for upload in page.get("Uploads", []) if upload["Key"] == key]

    def object_bytes(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def head(self, key: str) -> dict[str, Any] | None:
        try:
            return self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
