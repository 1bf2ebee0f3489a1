from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.stripe.keys import FULL_KEY

Upload = Callable[..., stripe.File]


def test_a_file_comes_back_byte_for_byte(
    client: stripe.StripeClient, sandbox: Sandbox, upload: Upload, pdf: Any
) -> None:
    content = pdf(2)
    file = upload(content, name="packet-3f9a1c2b4d.pdf")
    assert (file.filename, file.type, file.size) == ("packet-3f9a1c2b4d.pdf", "pdf", len(content))
    assert file.expires_at == file.created + 270 * 86_400
    assert client.v1.files.retrieve(file.id).size == len(content)
    assert file.url is not None
    assert file.url.startswith(sandbox.files)
    assert httpx.get(file.url, auth=(FULL_KEY, "")).content == content


def test_the_sdk_leaks_the_whole_path_as_the_file_name(upload: Upload, pdf: Any) -> None:
    assert upload(pdf(), name="/srv/shop/out.pdf").filename == "/srv/shop/out.pdf"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"GIF89a....", "don't support this type"),
        (b"<html>not a pdf</html>", "don't support this type"),
        (b"%PDF-1.7" + b"x" * 5_000_000, "too large"),
    ],
)
def test_what_is_no_evidence_is_refused(upload: Upload, content: bytes, message: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message) as caught:
        upload(content, name="looks-like.pdf")
    assert caught.value.param == "file"


def test_the_type_is_read_from_the_content(upload: Upload) -> None:
    assert upload(b"\x89PNG\r\n\x1a\n....", name="photo.jpg").type == "png"
    assert upload(b"\xff\xd8\xff\xe0....", name="scan.pdf").type == "jpg"


def test_purpose_must_be_one_of_stripes(client: stripe.StripeClient, upload: Upload, pdf: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid purpose"):
        upload(pdf(), purpose="evidence")
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param: purpose"):
        client.v1.files.create({"file": io.BytesIO(pdf())})  # type: ignore[typeddict-item]


def test_the_api_host_takes_no_uploads(sandbox: Sandbox, pdf: Any) -> None:
    sent = {"file": ("a.pdf", pdf(), "application/pdf")}
    answer = httpx.post(
        f"{sandbox.api}/v1/files", auth=(FULL_KEY, ""), files=sent, data={"purpose": "dispute_evidence"}
    )
    assert answer.status_code == 404


def test_files_are_listed_by_purpose(client: stripe.StripeClient, upload: Upload, pdf: Any) -> None:
    logo = upload(pdf(), purpose="business_logo")
    assert [file.id for file in client.v1.files.list({"purpose": "business_logo"}).data] == [logo.id]


class TestAllFilesTogether:
    def submit(self, client: stripe.StripeClient, dispute: str, *files: stripe.File) -> stripe.Dispute:
        slots = ("receipt", "uncategorized_file", "shipping_documentation")
        evidence: Any = dict(zip(slots, [file.id for file in files], strict=False))
        client.v1.disputes.update(dispute, {"evidence": evidence, "submit": False})
        return client.v1.disputes.update(dispute, {"submit": True})

    def test_more_than_four_and_a_half_megabytes_are_refused(
        self, client: stripe.StripeClient, control: SandboxControl, upload: Upload, pdf: Any
    ) -> None:
        id = control.dispute()["id"]
        with pytest.raises(stripe.InvalidRequestError, match=r"4\.5 MB"):
            self.submit(client, id, upload(pdf(padding=2_400_000)), upload(pdf(padding=2_400_000)))
        assert control.effects(id)["submitted"] == 0

    def test_fifty_pages_are_refused_and_forty_nine_are_not(
        self, client: stripe.StripeClient, control: SandboxControl, upload: Upload, pdf: Any
    ) -> None:
        id = control.dispute()["id"]
        with pytest.raises(stripe.InvalidRequestError, match="fewer than 50 pages"):
            self.submit(client, id, upload(pdf(30)), upload(pdf(20)))
        assert self.submit(client, id, upload(pdf(30)), upload(pdf(19))).status == "under_review"

    def test_mastercard_takes_nineteen_pages(
        self, client: stripe.StripeClient, control: SandboxControl, upload: Upload, pdf: Any
    ) -> None:
        id = control.dispute(brand="mastercard", network_reason_code="4855")["id"]
        with pytest.raises(stripe.InvalidRequestError, match="must not exceed 19 pages"):
            self.submit(client, id, upload(pdf(20)))
        assert self.submit(client, id, upload(pdf(19))).status == "under_review"
