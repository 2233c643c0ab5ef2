"""asyncapi.yaml is AsyncAPI 3.0 as far as it goes, and speaks of the same schemas and names."""

from typing import Any, Iterator

import pytest
import yaml

import schemas

DOCUMENT: dict[str, Any] = yaml.safe_load((schemas.DIRECTORY / "asyncapi.yaml").read_text())
COMPONENTS = DOCUMENT["components"]
REQUESTS = {"start", "complete", "resume", "abort"}
RESULTS = {"started", "completed", "resumed", "aborted", "expired", "failed"}

# The fixed fields of AsyncAPI 3.0's objects, and which of them an object cannot do without.
FIXED_FIELDS = {
    "document": ("asyncapi id info servers defaultContentType channels operations components", "asyncapi info"),
    "info": ("title version description termsOfService contact license tags externalDocs", "title version"),
    "server": (
        "host protocol protocolVersion pathname description title summary variables security tags externalDocs bindings",
        "host protocol",
    ),
    "channel": (
        "address messages title summary description servers parameters tags externalDocs bindings",
        "address messages",
    ),
    "parameter": ("enum default description examples location", ""),
    "operation": (
        "action channel title summary description security tags externalDocs bindings traits messages reply",
        "action channel",
    ),
    "reply": ("address channel messages", ""),
    "replyAddress": ("description location", "location"),
    "correlationId": ("description location", "location"),
    "message": (
        "headers payload correlationId contentType name title summary description tags externalDocs bindings examples traits",
        "",
    ),
    "messageTrait": (
        "headers correlationId contentType name title summary description tags externalDocs bindings examples",
        "",
    ),
    "channel binding": ("is exchange queue bindingVersion", "is"),
    "operation binding": (
        "expiration userId cc priority deliveryMode mandatory bcc timestamp ack bindingVersion",
        "",
    ),
}


def resolve(reference: str) -> Any:
    """What a `#/…` reference of the document points to."""
    assert reference.startswith("#/"), reference
    node: Any = DOCUMENT
    for step in reference[2:].split("/"):
        node = node[step]
    return node


def objects() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, place and content of each of the document's objects, references left out."""
    yield "document", "", DOCUMENT
    yield "info", "info", DOCUMENT["info"]
    for kind, place, group in (
        ("server", "servers", DOCUMENT["servers"]),
        ("channel", "channels", DOCUMENT["channels"]),
        ("operation", "operations", DOCUMENT["operations"]),
        ("message", "components.messages", COMPONENTS["messages"]),
        ("messageTrait", "components.messageTraits", COMPONENTS["messageTraits"]),
        ("replyAddress", "components.replyAddresses", COMPONENTS["replyAddresses"]),
        ("correlationId", "components.correlationIds", COMPONENTS["correlationIds"]),
    ):
        for name, content in group.items():
            yield kind, f"{place}.{name}", content
    for name, channel in DOCUMENT["channels"].items():
        for parameter, content in channel.get("parameters", {}).items():
            yield "parameter", f"channels.{name}.parameters.{parameter}", content
        if "bindings" in channel:
            yield "channel binding", f"channels.{name}.bindings.amqp", channel["bindings"]["amqp"]
    for name, operation in DOCUMENT["operations"].items():
        if "reply" in operation:
            yield "reply", f"operations.{name}.reply", operation["reply"]
    for name, binding in COMPONENTS["operationBindings"].items():
        yield "operation binding", f"components.operationBindings.{name}.amqp", binding["amqp"]


def references(node: Any = DOCUMENT) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def names(channel: str) -> set[str]:
    return set(DOCUMENT["channels"][channel]["messages"])


@pytest.mark.parametrize(("kind", "place", "content"), [pytest.param(*o, id=o[1] or "document") for o in objects()])
def test_object_has_the_fields_of_its_kind(kind: str, place: str, content: dict[str, Any]) -> None:
    fixed, required = (set(fields.split()) for fields in FIXED_FIELDS[kind])
    assert set(content) <= fixed, place
    assert required <= set(content), place


@pytest.mark.parametrize("reference", sorted(set(references())))
def test_reference_resolves(reference: str) -> None:
    if reference.startswith("#"):
        assert resolve(reference) is not None
    else:
        assert (schemas.DIRECTORY / reference).is_file()


def test_version() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"


def test_every_schema_is_referred_to() -> None:
    """But for what is no message: definitions, and what commands print."""
    others = {"definitions.json", "dead-letter.json", "check.json", "session.json"}
    messages = {path.name for path in schemas.DIRECTORY.glob("*.json")} - others
    assert {reference for reference in references() if not reference.startswith("#")} == messages


def test_a_message_has_the_schema_of_its_name() -> None:
    for name in REQUESTS:
        assert COMPONENTS["messages"][name]["payload"]["schema"] == {"$ref": f"{name}.request.json"}
    for name in RESULTS:
        message = COMPONENTS["messages"][name]
        assert message["payload"]["schema"] == {"$ref": f"{message['name']}.json"}
        assert message["name"] == f"upload.{name}"


def test_channels_carry_their_messages() -> None:
    for request in REQUESTS:
        assert names(request) == {request}
    assert names("retry") == REQUESTS
    assert names("results") == RESULTS
    assert names("reply") == RESULTS - {"expired"}


def test_addresses_are_those_of_the_topology() -> None:
    for request in REQUESTS:
        channel = DOCUMENT["channels"][request]
        assert channel["address"] == channel["bindings"]["amqp"]["queue"]["name"] == f"uploads.{request}"
    for name, kind in (("results", "topic"), ("retry", "fanout"), ("dead", "fanout")):
        channel = DOCUMENT["channels"][name]
        exchange = channel["bindings"]["amqp"]["exchange"]
        assert (exchange["name"], exchange["type"], exchange["durable"]) == (channel["address"], kind, True)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [("start", "started"), ("complete", "completed"), ("resume", "resumed"), ("abort", "aborted")],
)
def test_a_request_has_two_answers(operation: str, answer: str) -> None:
    content = DOCUMENT["operations"][operation]
    assert content["action"] == "receive"
    assert resolve(content["channel"]["$ref"])["address"] == f"uploads.{operation}"
    assert [reference["$ref"].rsplit("/", 1)[1] for reference in content["reply"]["messages"]] == [answer, "failed"]


def test_operations_use_their_own_channels_messages() -> None:
    for operation in DOCUMENT["operations"].values():
        for part in (operation, operation.get("reply", {})):
            for message in part.get("messages", []):
                assert message["$ref"].startswith(part["channel"]["$ref"] + "/messages/")
