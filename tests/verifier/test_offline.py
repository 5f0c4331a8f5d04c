"""Checking while nobody is asked: what dated copies can tell, and what could not be checked."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from credkit.ports import JSONObject, Response
from tests.support.world import School
from tests.verifier.conftest import College, outcomes, token_of
from tests.verifier.family import Family, LinkHost
from ui.qr import qr_data_url
from verifier.cli import Ports, main
from verifier.services.checks import Checked


class NoNetwork:
    """A fetcher that nobody may use."""

    def get(self, url: str, **options: Any) -> Response:
        raise AssertionError(f"{url} was asked for")

    def post(self, url: str, *, body: bytes, content_type: str, **options: Any) -> Response:
        raise AssertionError(f"{url} was asked for")


def course(college: College, index: int = 7) -> bytes:
    return json.dumps(college.school.sign(college.school.course(index=index))).encode()


def offline(college: College, raw: bytes) -> Checked:
    before = len(college.world.web.requests)
    checked = college.services.checks.check(raw, keep=False, offline=True)
    assert len(college.world.web.requests) == before
    return checked


def by_id(checked: Checked) -> dict[str, str]:
    return outcomes(checked.report.to_json())


def test_without_copies_the_key_and_the_list_could_not_be_checked(college: College) -> None:
    checked = offline(college, course(college))

    found = by_id(checked)
    assert {found["proof"], found["issuer-binding"], found["status"]} == {"indeterminate"}
    assert {found["shape"], found["vocabulary"], found["validity"], found["trust"]} == {"passed"}
    assert checked.result.story["source"] == {"host": None, "sender": None, "offline": True, "copies_of": None}


def test_copies_of_an_earlier_check_stand_in_with_their_date(college: College) -> None:
    record = course(college)
    college.services.checks.check(record, keep=False)
    seen = college.world.clock.now()
    college.world.clock.advance(hours=20)

    checked = offline(college, record)

    assert checked.report.verified
    assert checked.result.story["source"]["copies_of"] == seen.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_list_older_than_a_day_counts_for_nothing_but_what_it_took_back(college: College) -> None:
    good, revoked = course(college, 7), course(college, 8)
    college.school.revoked.add(8)
    college.school.publish_list()
    college.services.checks.check(good, keep=False)
    college.world.clock.advance(hours=25)

    assert by_id(offline(college, good))["status"] == "indeterminate"
    assert by_id(offline(college, revoked))["status"] == "failed"


def test_what_was_taken_back_is_seen_in_the_copy(college: College) -> None:
    college.school.revoked.add(7)
    college.school.publish_list()
    college.services.checks.check(course(college, 9), keep=False)

    assert by_id(offline(college, course(college, 7)))["status"] == "failed"


def test_keys_are_copied_of_signers_on_the_list_only_and_for_a_month(college: College) -> None:
    stranger = School(college.world, "https://stranger.example", "Stranger")
    unknown = json.dumps(stranger.sign(stranger.course())).encode()
    college.services.checks.check(unknown, keep=False)
    assert by_id(offline(college, unknown))["proof"] == "indeterminate"

    assert college.services.checks.copy_keys() == (1, 1)
    assert by_id(offline(college, course(college)))["proof"] == "passed"
    college.world.clock.advance(days=31)
    assert by_id(offline(college, course(college)))["proof"] == "indeterminate"


def test_a_changed_record_is_caught_offline_too(college: College) -> None:
    college.services.checks.copy_keys()
    document = json.loads(course(college))
    document["credentialSubject"]["result"][0]["value"] = "A+"

    assert by_id(offline(college, json.dumps(document).encode()))["proof"] == "failed"


def test_checking_offline_does_not_make_a_copy_look_younger(college: College) -> None:
    record = course(college)
    college.services.checks.check(record, keep=False)
    first = offline(college, record).result.story["source"]
    college.world.clock.advance(hours=1)

    assert offline(college, record).result.story["source"] == first


def test_of_a_link_only_the_wallet_is_asked(college: College) -> None:
    bundle = Family(college.world).bundle(college.school.sign(college.school.course()))
    link = LinkHost(college.world).share(bundle)
    college.services.checks.copy_keys()
    before = len(college.world.web.requests)

    checked = college.services.checks.check(link.url.encode(), keep=False, offline=True)

    assert [request.url for request in college.world.web.requests[before:]] == [link.address]
    assert checked.result.story["source"]["host"] == "wallet.example"
    assert by_id(checked)["members"] == "indeterminate"


def test_the_page_says_that_nobody_was_asked_and_how_old_the_copies_are(college: College) -> None:
    record = course(college)
    client = college.client()

    def page() -> str:
        form = {"csrf_token": token_of(client.get("/").text), "text": record.decode(), "offline": "yes"}
        return str(client.post("/", data=form).text)

    assert "Without a copy of an earlier answer, some things could not be checked." in page()
    college.services.checks.check(record, keep=False)
    seen = page()
    assert "Checked without asking anybody." in seen
    assert "The answers come from copies of" in seen
    assert "Nobody has changed this. Lincoln High School signed it." in seen


def test_the_list_of_trust_has_a_button_that_copies_the_keys(college: College) -> None:
    client = college.signed_in()
    assert college.post(client, "/trust/refresh", {}, page="/trust").status_code == 303
    assert "Copied the keys of 1 of 1 signers." in client.get("/trust").text
    college.world.web.unreachable("https://school.example")
    college.post(client, "/trust/refresh", {}, page="/trust")
    assert "Copied the keys of 0 of 1 signers." in client.get("/trust").text


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, college: College) -> Any:
    for name in ("BACKPACK_LOOPBACK_HTTP", "BACKPACK_DATABASE", "BACKPACK_CA_FILE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")

    def invoke(*arguments: str, data: Path, fetcher: Any) -> Result:
        return CliRunner().invoke(
            main, [*arguments, "--data", str(data)], obj=Ports(clock=college.world.clock, fetcher=fetcher)
        )

    return invoke


def test_the_command_makes_no_connection(run: Any, college: College, tmp_path: Path) -> None:
    place = tmp_path / "record.json"
    place.write_bytes(course(college))

    nowhere = run("verify", str(place), "--offline", "--json", data=tmp_path / "none", fetcher=NoNetwork())
    assert nowhere.exit_code == 3, nowhere.output
    assert not (tmp_path / "none").exists()

    data = college.services.config.data
    assert run("verify", str(place), "--offline", data=data, fetcher=NoNetwork()).exit_code == 3
    assert run("trust", "refresh", data=data, fetcher=college.world.web).exit_code == 0
    assert run("verify", str(place), data=data, fetcher=college.world.web).exit_code == 0
    again = run("verify", str(place), "--offline", data=data, fetcher=NoNetwork())
    assert again.exit_code == 0, again.output
    assert "Checked without asking anybody." in again.stdout
    assert "The answers come from copies of" in again.stdout


def test_the_command_takes_a_link_and_a_photo_of_one(run: Any, college: College, tmp_path: Path) -> None:
    host, data = LinkHost(college.world), college.services.config.data
    bundle: JSONObject = Family(college.world).bundle(college.school.sign(college.school.course(name="Algebra I")))
    link = host.share(bundle)
    photo = tmp_path / "code.png"
    photo.write_bytes(base64.b64decode(qr_data_url(link.url).partition(",")[2]))

    for source in (link.url, str(photo)):
        result = run("verify", source, data=data, fetcher=college.world.web)
        assert result.exit_code == 0, result.output
        assert "Algebra I" in result.stdout
        assert "The family chose these records. This is not the whole record." in result.stdout
    host.views[link.id] = 0
    gone = run("verify", link.url, data=data, fetcher=college.world.web)
    assert gone.exit_code == 1
    assert "Whoever gave it to you can make a new one." in gone.stderr
    assert run("verify", link.address, data=data, fetcher=college.world.web).exit_code == 1
    college.world.web.unreachable("https://wallet.example")
    assert run("verify", link.url, data=data, fetcher=college.world.web).exit_code == 3
