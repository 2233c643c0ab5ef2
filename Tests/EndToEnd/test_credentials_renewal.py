"""Credentials that end: renewed ahead of it, used until it, and never outlived by a URL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from harness import requests
from harness.credentials import CredentialsServer, wait_for_issue
from harness.messages import Result
from harness.requester import Requester
from harness.signatures import query
from harness.store import Store
from harness.types import Connect, Launch
from harness.waiting import until
from harness.worker import Worker

MARGIN = 60
"""URLs end so many seconds before the credentials that signed them."""


@pytest.fixture
def issuer(store: Store) -> Iterator[CredentialsServer]:
    with CredentialsServer(store.server) as server:
        yield server


@pytest.fixture
def own(launch: Launch, issuer: CredentialsServer, tmp_path: Path, request: pytest.FixtureRequest) -> Worker:
    """A worker whose first credentials live for so many seconds."""
    issuer.life = request.param
    (tmp_path / "token").write_text("pod-1")
    return launch(
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{issuer.endpoint}/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"),
        MIN_URL_LIFE="0s" if request.param < 600 else "15m",
        URL_EXPIRY="24h",
    )


@pytest.fixture
def asking(own: Worker, connect: Connect) -> Requester:
    return connect(own)


def started(requester: Requester) -> Result:
    return requester.request("start", requests.start()).expect("upload.started")


def number(session: Result) -> int:
    """Which of the sets of credentials has signed its URL."""
    return int(query(session["presigned_urls"][0])["X-Amz-Security-Token"].rsplit("-", 1)[1])


def expect_life(session: Result, issuer: CredentialsServer) -> None:
    """The URL ends a minute before the credentials in it do."""
    end = issuer.issued[number(session) - 1].end
    left = end.timestamp() - datetime.fromisoformat(session["expires_at"]).timestamp()
    assert MARGIN <= left < MARGIN + 2


def expiry(worker: Worker) -> float | None:
    _, page = worker.status("/metrics")
    name = "upload_worker_credentials_expiry_timestamp_seconds "
    values = [float(line.removeprefix(name)) for line in page.splitlines() if line.startswith(name)]
    return values[0] if values else None


@pytest.mark.parametrize("own", [66], indirect=True)
def test_renewed_ahead_of_their_end_while_requests_go_on(
    own: Worker, asking: Requester, issuer: CredentialsServer, store: Store, tmp_path: Path
) -> None:
    """After half of a short life; the token file is read again for it."""
    session = started(asking)
    assert number(session) == 1
    expect_life(session, issuer)
    (tmp_path / "token").write_text("pod-2")
    deadline = time.monotonic() + 50
    while len(issuer.issued) < 2:
        assert time.monotonic() < deadline, "no renewal"
        asking.exchange("complete", requests.complete()).expect_failure(404, "upload_not_found")
    first, second = issuer.issued
    assert second.end.timestamp() - issuer.life < first.end.timestamp()
    until(lambda: expiry(own) == second.end.timestamp(), "the new ones")
    session = started(asking)
    assert number(session) == 2
    expect_life(session, issuer)
    store.put_part(session["presigned_urls"][0], b"x")
    assert [asked.headers["authorization"] for asked in issuer.asked] == ["pod-1", "pod-2"]
    assert "Credentials renewed" in own.log


@pytest.mark.parametrize("own", [700], indirect=True)
def test_urls_that_would_live_too_short_trigger_a_renewal(
    own: Worker, asking: Requester, issuer: CredentialsServer
) -> None:
    assert len(issuer.issued) == 1
    issuer.life = 7_200
    session = started(asking)
    assert number(session) == 2
    expect_life(session, issuer)
    assert expiry(own) == issuer.issued[1].end.timestamp()
    for _ in range(5):
        assert number(started(asking)) == 2
    assert len(issuer.issued) == 2


@pytest.mark.parametrize("own", [700], indirect=True)
def test_one_renewal_for_all_who_need_it(own: Worker, asking: Requester, issuer: CredentialsServer) -> None:
    issuer.life = 7_200
    for _ in range(20):
        asking.send("start", requests.start())
    assert {number(session) for session in asking.replies.results(20)} == {2}
    assert len(issuer.issued) == 2


@pytest.mark.parametrize("own", [700], indirect=True)
def test_where_nothing_longer_is_to_be_had_the_shorter_urls_are_served(
    own: Worker, asking: Requester, issuer: CredentialsServer
) -> None:
    began = time.monotonic()
    for _ in range(20):
        expect_life(started(asking), issuer)
    # With growing pauses, 1 s and 2 s at first, not once for each request.
    assert 2 <= len(issuer.issued) <= 3 + (time.monotonic() - began)


@pytest.mark.parametrize("own", [700], indirect=True)
def test_a_failed_renewal_keeps_the_old_ones(own: Worker, asking: Requester, issuer: CredentialsServer) -> None:
    issuer.failing = 500
    for _ in range(3):
        session = started(asking)
        assert number(session) == 1
        expect_life(session, issuer)
    until(lambda: "Credentials not renewed" in own.log, "the failure in the log")
    assert len(issuer.asked) >= 2
    assert expiry(own) == issuer.issued[0].end.timestamp()
    issuer.failing = None
    issuer.life = 7_200
    wait_for_issue(issuer, 2)
    until(lambda: number(started(asking)) == 2, "the new ones")


@pytest.mark.parametrize("own", [700], indirect=True)
def test_a_token_file_that_goes_away_keeps_the_old_ones(
    own: Worker, asking: Requester, issuer: CredentialsServer, tmp_path: Path
) -> None:
    """It ends a start only: what writes the file may be about to put it back."""
    issuer.life = 7_200
    (tmp_path / "token").rename(tmp_path / "away")
    assert number(started(asking)) == 1
    until(lambda: "Credentials not renewed" in own.log, "the failure in the log")
    (tmp_path / "away").rename(tmp_path / "token")
    until(lambda: number(started(asking)) == 2, "the new ones")


@pytest.mark.parametrize("own", [10], indirect=True)
def test_no_url_is_signed_by_credentials_about_to_end(
    own: Worker, asking: Requester, issuer: CredentialsServer
) -> None:
    """There is no URL that lives: the request waits in a retry queue until there are better credentials."""
    asking.send("start", requests.start(), correlation_id="waiting")
    until(lambda: "Store failed" in own.log, "the failure")
    issuer.life = 3_600
    result = asking.replies.result(60, "waiting").expect("upload.started")
    assert number(result) >= 2
    expect_life(result, issuer)


def test_keys_without_an_end_have_no_expiry(launch: Launch) -> None:
    assert expiry(launch()) is None
