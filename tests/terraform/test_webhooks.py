"""A webhook in the emulator: Terraform creates it, and an event arrives over HTTPS, with the secret.

Retries, rates and the queue of what cannot be delivered are EventBridge's own: the emulator has none.
"""

import ipaddress
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scripts.deploy_local import OVERRIDE_FILE
from scripts.terraform import CONFIGURATION, Terraform

from adapters.eventbridge.event_bus import EventBridgePublisher
from domain.images.events import Event, EventType
from entrypoints.event_schemas import example_of
from entrypoints.local.emulator import CREDENTIALS, REGION, Emulator
from entrypoints.local.webhook import HEADERS
from tests.support.emulator import running_emulator
from tests.support.event_receiver import EventReceiver
from tests.support.samples import CALLER, NOW

SECRET = "Bearer a-secret-that-only-two-know"
BUS = "images-upload-test"
PROVIDER = (CONFIGURATION / OVERRIDE_FILE).read_text().partition("provider")[2].partition("\n}\n")[0]
CONFIGURATION_OF_THE_TEST = """
provider{provider}
}}

resource "aws_cloudwatch_event_bus" "this" {{
  name = "{bus}"
}}

module "webhooks" {{
  source = "../modules/webhooks"

  name     = aws_cloudwatch_event_bus.this.name
  region   = "{region}"
  bus_name = aws_cloudwatch_event_bus.this.name
  tls_only = false
  webhooks = {{
    archive = {{ url = "{url}", events = ["image.ready"], secret_arn = "{secret_arn}" }}
  }}
}}

output "webhooks" {{
  value = module.webhooks.webhooks
}}
"""


@dataclass(frozen=True)
class Deployed:
    """What Terraform created, its emulator, and the receiver of the events."""

    terraform: Terraform
    emulator: Emulator
    receiver: EventReceiver


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture(scope="module")
def deployed(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    trusted, key = certificate(tmp_path_factory.mktemp("certificate"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(trusted, key)
    with pytest.MonkeyPatch.context() as environment, EventReceiver(tls) as receiver:
        environment.setenv("SSL_CERT_FILE", str(trusted))
        with running_emulator() as emulator:
            secret = emulator.client("secretsmanager").create_secret(Name="archive", SecretString=SECRET)
            folder = terraform.directory / "webhooks-of-the-test"
            folder.mkdir()
            (folder / "main.tf").write_text(
                CONFIGURATION_OF_THE_TEST.format(
                    bus=BUS,
                    provider=PROVIDER,
                    region=REGION,
                    secret_arn=secret["ARN"],
                    url=receiver.url,
                )
            )
            applied = Terraform(folder, {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator.endpoint_url})
            applied.init()
            applied.run("apply", "-input=false", "-auto-approve")
            # It all ends with the emulator; destroying it one by one would take a minute.
            yield Deployed(applied, emulator, receiver)


def test_an_event_is_posted_as_the_schemas_say_with_the_secret(deployed: Deployed) -> None:
    publisher = EventBridgePublisher(deployed.emulator.client("events"), BUS)
    kinds = (EventType.IMAGE_DELETED, EventType.IMAGE_READY)
    events = [Event(kind, CALLER.user_id, 2, NOW, example_of(kind)["image_id"]) for kind in kinds]

    assert publisher.publish(events) == 2

    [request] = deployed.receiver.await_requests(1)
    assert (request.method, request.path) == ("POST", "/events?from=images")
    assert request.headers["Authorization"] == SECRET
    # As the local server posts them.
    assert HEADERS.items() <= request.headers.items()
    event = json.loads(request.body)
    assert (event["detail-type"], event["source"]) == ("image.ready", "images-upload-api")
    assert event["detail"]["event_id"] == events[1].event_id


def test_the_secret_is_in_the_state_where_the_documentation_says_and_in_no_output(
    deployed: Deployed,
) -> None:
    state = json.loads((deployed.terraform.directory / "terraform.tfstate").read_text())
    holders = {each["type"] for each in state["resources"] if SECRET in json.dumps(each)}

    assert holders == {"aws_cloudwatch_event_connection", "aws_secretsmanager_secret_version"}
    assert SECRET not in json.dumps(state["outputs"])
    assert SECRET not in deployed.terraform.text("show")


def test_a_second_plan_finds_nothing_to_do(deployed: Deployed) -> None:
    deployed.terraform.text("plan", "-input=false", "-out=second.plan")
    plan: dict[str, Any] = deployed.terraform.json("show", "-json", "second.plan")

    actions = {each["address"]: each["change"]["actions"] for each in plan["resource_changes"]}
    assert {address for address, action in actions.items() if action != ["no-op"]} == set()
