"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from credkit.baking import bake
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.credkit.baking.test_baking import chunk, with_chunks
from tests.credkit.verification.test_openbadges_2 import ASSERTION, Site, token
from tests.support.shared import samples
from tests.support.world import Holder, School, World
from tests.verifier.conftest import outcomes
from tests.verifier.family import WORDS, Family
from ui.badges import badge_png, badge_svg
from verifier.bootstrap import build_services
from verifier.cli import Ports, main
from verifier.config import from_environ

Run = Callable[..., Result]
IDS = {"shape", "vocabulary", "proof", "issuer-binding", "validity", "status", "trust"}
NOW = ("--now", "2026-06-15T12:00:00Z")
UNKNOWN = "Nobody has changed this. We do not know who signed it."


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("BACKPACK_LOOPBACK_HTTP", "BACKPACK_DATABASE", "BACKPACK_CA_FILE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("BACKPACK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BACKPACK_PASSPHRASE", "correct horse")

    def invoke(*arguments: str, input: bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=input)

    return invoke


@pytest.fixture
def ready(run: Run) -> Run:
    assert run("init", "--origin", "https://college.example", "--wallet", "https://wallet.example").exit_code == 0
    return run


class Signer(School):
    """A school known by its key alone, so that nobody has to be asked about it."""

    def __init__(self) -> None:
        super().__init__(World())
        self.ed25519 = SoftwareSigner.generate("Ed25519")
        self.did = self.ed25519.verification_method.partition("#")[0]

    def badge(self, **more: Any) -> JSONObject:
        return self.sign(self.course(status=False, **more))


def written(tmp_path: Path, document: Any, name: str = "record.json") -> str:
    place = tmp_path / name
    place.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return str(place)


def test_a_good_record_of_an_unknown_signer_is_verified_and_says_so(run: Run, tmp_path: Path) -> None:
    result = run("verify", written(tmp_path, Signer().badge()), *NOW)

    assert result.exit_code == 0
    assert UNKNOWN in result.stdout
    assert "Algebra I" in result.stdout
    assert result.stderr == ""


def test_the_json_has_the_promised_form(run: Run, tmp_path: Path) -> None:
    badge = Signer().badge()
    result = run("verify", written(tmp_path, badge), *NOW, "--json")
    report = json.loads(result.stdout)

    assert report["verified"] is True
    assert report["document"] == badge
    assert report["source"] == {"host": None, "sender": None, "offline": False, "copies_of": None}
    assert set(outcomes(report)) == IDS
    assert outcomes(report)["trust"] == "indeterminate"
    assert all(set(check) <= {"id", "outcome", "problem"} for check in report["checks"])


def test_with_a_list_trust_is_required(run: Run, tmp_path: Path) -> None:
    school = Signer()
    record = written(tmp_path, school.badge())
    known = written(tmp_path, {"issuers": [{"did": school.did, "name": "Lincoln High School"}]}, "known.json")
    nobody = written(tmp_path, {"issuers": []}, "nobody.json")

    holds = run("verify", record, *NOW, "--trust", known)
    assert holds.exit_code == 0
    assert "Nobody has changed this. Lincoln High School signed it." in holds.stdout
    fails = run("verify", record, *NOW, "--trust", nobody, "--json")
    assert fails.exit_code == 1
    assert outcomes(json.loads(fails.stdout))["trust"] == "failed"


def test_the_verifiers_own_list_counts_where_none_is_named(ready: Run, tmp_path: Path) -> None:
    school = Signer()
    record = written(tmp_path, school.badge())
    assert UNKNOWN in ready("verify", record, *NOW).stdout

    assert ready("trust", "add", school.did, "--name", "Lincoln High School").exit_code == 0
    assert "Lincoln High School signed it." in ready("verify", record, *NOW).stdout
    assert ready("trust", "add", "did:web:other.example", "--name", "Other").exit_code == 0
    assert ready("trust", "remove", school.did).exit_code == 0
    assert ready("verify", record, *NOW).exit_code == 1


def test_standard_input_is_read_too(run: Run) -> None:
    result = run("verify", "-", *NOW, input=json.dumps(Signer().badge()).encode())

    assert result.exit_code == 0


def test_a_changed_record_is_not_verified(run: Run, tmp_path: Path) -> None:
    badge = Signer().badge()
    badge["credentialSubject"]["result"][0]["value"] = "A+"
    result = run("verify", written(tmp_path, badge), *NOW, "--json")

    assert result.exit_code == 1
    assert outcomes(json.loads(result.stdout))["proof"] == "failed"
    assert "document" not in json.loads(result.stdout)


def test_time_is_judged_as_told(run: Run, tmp_path: Path) -> None:
    record = written(tmp_path, Signer().badge())

    assert run("verify", record, "--now", "2020-01-01T00:00:00Z").exit_code == 1
    for wrong in ("yesterday", "2026-06-15", "2026-06-15T12:00:00", ""):
        assert run("verify", record, "--now", wrong).exit_code == 2


def test_what_cannot_be_reached_or_is_not_spoken_could_not_be_checked(run: Run, tmp_path: Path) -> None:
    badge = Signer().badge()
    for method in ("did:example:123#key", "https://keys.internal/1#key"):
        document = {
            **badge,
            "issuer": {**badge["issuer"], "id": method.partition("#")[0]},
            "proof": {**badge["proof"], "verificationMethod": method},
        }
        result = run("verify", written(tmp_path, document), *NOW, "--json")
        assert result.exit_code == 3, result.stdout
        assert json.loads(result.stdout)["verified"] is False


def test_a_failure_beats_what_could_not_be_checked(run: Run, tmp_path: Path) -> None:
    badge = Signer().badge()
    document = {
        **badge,
        "validFrom": "9999-01-01T00:00:00Z",
        "proof": {**badge["proof"], "verificationMethod": "did:example:1#k"},
    }

    assert run("verify", written(tmp_path, document), *NOW).exit_code == 1


def test_a_presentation_needs_its_challenge_and_domain(run: Run, tmp_path: Path) -> None:
    school = Signer()
    holder = Holder(school.world)
    presentation = holder.present(school.badge(subject_id=holder.did), challenge="c-1", domain="college.example")
    record = written(tmp_path, presentation)

    assert run("verify", record, *NOW).exit_code == 3
    assert run("verify", record, *NOW, "--challenge", "c-1", "--domain", "college.example").exit_code == 0
    assert run("verify", record, *NOW, "--challenge", "c-2", "--domain", "college.example").exit_code == 1
    assert run("verify", record, *NOW, "--challenge", "c-1", "--domain", "evil.example").exit_code == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"{",
        b"\x00\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"x":"' + b"y" * 10_485_760 + b'"}',
        b"A" * 12_000_000,
        '{"a":"ñ"}'.encode("latin-1"),
        '{"a":1}'.encode("utf-16"),
        b'{"a":1,"a":2}',
        b"[]",
        b"null",
        b"a.b.c",
    ],
    ids=[
        "empty",
        "blank",
        "truncated",
        "binary",
        "deep",
        "deep-open",
        "10MB",
        "12MB",
        "latin-1",
        "utf-16",
        "twice",
        "array",
        "null",
        "dots",
    ],
)
def test_what_cannot_be_read_is_a_failed_shape_in_one_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    place = written(tmp_path, content)
    result = run("verify", place, "--json")
    report = json.loads(result.stdout)

    assert result.exit_code == 1
    assert outcomes(report)["shape"] == "failed"
    assert len(report["checks"][0]["problem"]["detail"]) > 10
    words = run("verify", place)
    assert words.exit_code == 1
    assert "Does not hold" in words.stdout
    assert "Traceback" not in words.output


def test_a_missing_file_or_list_is_a_mistake_of_the_command(run: Run, tmp_path: Path) -> None:
    record = written(tmp_path, Signer().badge())

    for arguments in (
        ("verify",),
        ("verify", str(tmp_path / "absent")),
        ("verify", str(tmp_path)),
        ("verify", record, "--nonsense"),
        ("verify", record, "--trust", str(tmp_path / "absent")),
        ("verify", record, "--trust", record),
        ("verif", record),
        ("request", "--ask", "everything", "--purpose", "x"),
        ("init",),
        ("trust", "add", "x"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert result.stdout == ""
        assert result.stderr.strip()


def test_verify_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    run("verify", written(tmp_path, Signer().badge()), *NOW)

    assert not (tmp_path / "data").exists()


def test_init_makes_a_verifier_once(ready: Run, tmp_path: Path) -> None:
    for name in ("signing.key", "session.key"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    key = (tmp_path / "data" / "signing.key").read_bytes()

    again = ready("init", "--origin", "https://other.example")

    assert again.exit_code == 1
    assert "nothing was changed" in again.stderr
    assert (tmp_path / "data" / "signing.key").read_bytes() == key


@pytest.mark.parametrize(
    "origin", ["http://college.example", "http://localhost:8104", "college", "https://college.example/x", ""]
)
def test_init_refuses_an_origin_that_is_none(run: Run, tmp_path: Path, origin: str) -> None:
    result = run("init", "--origin", origin)

    assert result.exit_code == 2
    assert not (tmp_path / "data" / "signing.key").exists()


def test_init_tells_machines_what_it_made(run: Run) -> None:
    made = json.loads(run("init", "--origin", "https://college.example", "--json").stdout)

    assert made == {
        "origin": "https://college.example",
        "did": "did:web:college.example",
        "name": "college.example",
        "wallets": [],
        "login": "operator",
    }


def test_without_a_password_init_makes_one_and_shows_it_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKPACK_PASSPHRASE")
    made = json.loads(run("init", "--origin", "https://college.example", "--name", " State  College ", "--json").stdout)

    assert made["name"] == "State College"
    assert len(made["password"]) == 23
    assert made["password"] not in run("trust", "list", "--json").stdout


def test_a_name_that_is_too_long_makes_no_verifier(run: Run, tmp_path: Path) -> None:
    assert run("init", "--origin", "https://college.example", "--name", "x" * 101).exit_code == 2
    assert not (tmp_path / "data" / "signing.key").exists()


def test_without_init_the_other_commands_say_what_to_do(run: Run) -> None:
    for arguments in (
        ("trust", "list"),
        ("request", "--ask", "courses", "--purpose", "x"),
        ("result", "x"),
        ("serve",),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "backpack-verifier init" in result.stderr


def test_a_key_file_others_can_read_is_not_used(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "signing.key").chmod(0o644)

    assert ready("trust", "list").exit_code == 2


def test_a_request_prints_the_links_and_the_code(ready: Run) -> None:
    result = ready("request", "--ask", "courses", "--purpose", "Admission")

    assert result.exit_code == 0
    assert "https://wallet.example/request?client_id=decentralized_identifier" in result.stdout
    assert "openid4vp://?client_id=" in result.stdout
    assert "█" in result.stdout


def test_a_request_for_machines_holds_everything_needed(ready: Run) -> None:
    asked = json.loads(
        ready("request", "--ask", "courses", "--ask", "badge", "--purpose", "Admission", "--json").stdout
    )

    assert asked["link"].startswith("openid4vp://?")
    assert asked["request_uri"] == f"https://college.example/requests/{asked['id']}/object"
    assert [query["id"] for query in asked["query"]["credentials"]] == ["courses", "badge"]
    progress = ready("result", asked["id"], "--json")
    assert progress.exit_code == 3
    assert json.loads(progress.stdout)["progress"] == "waiting"


def test_a_request_needs_a_purpose(ready: Run) -> None:
    assert ready("request", "--ask", "courses", "--purpose", " ").exit_code == 2
    assert ready("request", "--ask", "courses").exit_code == 2


def test_an_absent_result_is_told(ready: Run) -> None:
    result = ready("result", "0" * 32)

    assert result.exit_code == 1
    assert result.stdout == ""


def test_trust_is_added_listed_and_removed(ready: Run) -> None:
    assert "Nobody is on your list yet" in ready("trust", "list").stdout
    assert ready("trust", "add", "did:web:school.example", "--name", "Escuela Núñez").exit_code == 0
    assert "Escuela Núñez" in ready("trust", "list").stdout
    listed = json.loads(ready("trust", "list", "--json").stdout)
    assert listed == {"issuers": [{"did": "did:web:school.example", "name": "Escuela Núñez"}]}
    assert ready("trust", "remove", "did:web:absent.example").exit_code == 1
    assert ready("trust", "remove", "did:web:school.example").exit_code == 0
    assert ready("trust", "add", "school", "--name", "x").exit_code == 2


def test_it_speaks_spanish(run: Run, tmp_path: Path) -> None:
    result = run("verify", written(tmp_path, Signer().badge()), *NOW, "--lang", "es")

    assert result.exit_code == 0
    assert "Estudiante: María José Hernández Núñez" in result.stdout
    assert UNKNOWN not in result.stdout


def test_a_published_badge_of_others_is_checked_offline(run: Run) -> None:
    badge = samples("dcc/example-credentials/criteria-markdown-bold/credential.json")
    result = run("verify", str(badge), "--now", "2023-08-02T17:43:32.5Z", "--json")
    report = json.loads(result.stdout)

    for check_id in ("shape", "vocabulary", "proof", "issuer-binding"):
        assert outcomes(report)[check_id] == "passed", report["checks"]


def test_a_full_record_is_asked_of_a_school_by_its_name_on_the_wire(ready: Run) -> None:
    asking = ("request", "--ask", "full-record", "--purpose", "Enrollment of Ana Núñez")
    asked = json.loads(ready(*asking, "--from", "did:web:school.example", "--json").stdout)

    claims = asked["query"]["credentials"][0]["claims"]
    assert {"path": ["issuer", "id"], "values": ["did:web:school.example"]} in claims
    words = ready(*asking, "--from", "did:web:school.example")
    assert "Send this link to the school. Only that school can answer it." in words.stdout
    assert "openid4vp://?client_id=" in words.stdout
    for wrong in ((), ("--from", "school.example"), ("--from", "did:web:school.example", "--ask", "courses")):
        assert ready(*asking, *wrong).exit_code == 2


def test_a_request_has_an_end(ready: Run) -> None:
    asking = ("request", "--ask", "enrolment", "--purpose", "Bus pass")
    today = datetime.now(UTC).date()
    assert json.loads(ready(*asking, "--json").stdout)["until"] == str(today + timedelta(days=30))
    assert json.loads(ready(*asking, "--until", str(today), "--json").stdout)["until"] == str(today)
    for wrong in (str(today - timedelta(days=1)), str(today + timedelta(days=400)), "soon"):
        assert ready(*asking, "--until", wrong).exit_code == 2


def test_a_bundle_is_told_with_whose_words_are_whose(run: Run, tmp_path: Path) -> None:
    school = Signer()
    family = Family(school.world)
    record = school.badge()
    bundle = family.bundle(record, family.about_me(("strength", "Patient")), comments=(family.comment(record),))
    place = written(tmp_path, bundle)
    known = written(tmp_path, {"issuers": [{"did": school.did, "name": "Lincoln High School"}]}, "known.json")

    told = run("verify", place, *NOW, "--trust", known)

    assert told.exit_code == 0, told.output
    assert "Nobody has changed this. Lincoln High School signed it." in told.stdout
    for words in ("The family chose these records. This is not the whole record.", "The family says:", WORDS):
        assert words in told.stdout
    assert "Signed with the name: Ana Núñez, mother" in told.stdout


def test_a_changed_comment_is_not_printed(run: Run, tmp_path: Path) -> None:
    school = Signer()
    record = school.badge()
    comment = Family(school.world).comment(record)
    comment["credentialSubject"]["endorsementComment"] = "forged"

    told = run("verify", written(tmp_path, Family(school.world).bundle(record, comments=(comment,))), *NOW)

    assert "A comment came along that does not hold. Its words are not shown." in told.stdout
    assert "forged" not in told.stdout


def test_the_day_one_page_is_printed_too(ready: Run, tmp_path: Path) -> None:
    school = Signer()
    family = Family(school.world)
    bundle = family.bundle(school.badge(), family.about_me(("strength", "Patient"), ("goal", "To build bridges")))
    services = build_services(from_environ({}, data=tmp_path / "data"), clock=school.world.clock)
    services.trust.add(school.did, "Lincoln High School")
    kept = services.checks.check(json.dumps(bundle).encode(), keep=True).result

    def printed(*options: str) -> Result:
        return CliRunner().invoke(main, ["day-one", kept.id, *options], obj=Ports(clock=school.world.clock))

    words = printed().stdout
    assert words.index("Patient (said by the family)") < words.index("Algebra I") < words.index("To build bridges")
    assert json.loads(printed("--json").stdout)["strengths"] == [["strength", "Patient", "en"]]
    assert ready("day-one", "0" * 32).exit_code == 1


def test_what_is_too_old_is_deleted_by_command(ready: Run, tmp_path: Path) -> None:
    school = Signer()
    services = build_services(from_environ({}, data=tmp_path / "data"), clock=school.world.clock)
    kept = services.checks.check(json.dumps(school.badge()).encode(), keep=True).result
    school.world.clock.advance(hours=24)

    swept = CliRunner().invoke(main, ["sweep", "--json"], obj=Ports(clock=school.world.clock))

    assert json.loads(swept.stdout) == {"swept": True}
    assert services.store.result(kept.id, kept.created_at) is None


@pytest.mark.parametrize("draw", [badge_png, badge_svg])
def test_a_badge_in_a_picture_is_checked_like_the_record_itself(run: Run, tmp_path: Path, draw: Any) -> None:
    badge, picture = Signer().badge(), tmp_path / "picture"
    picture.write_bytes(bake(draw("Algebra I", None), json.dumps(badge)))
    answer = json.loads(run("verify", str(picture), "--json", *NOW).stdout)
    assert answer["verified"] and answer["document"] == badge
    badge["name"] = "Calculus"
    picture.write_bytes(bake(draw("Algebra I", None), json.dumps(badge)))
    assert run("verify", str(picture), *NOW).exit_code == 1
    picture.write_bytes(badge_png("Algebra I", None))
    assert "neither a badge nor a code" in run("verify", str(picture)).stderr


@pytest.mark.parametrize(("language", "lacks", "older"), [
    ("en", "A part that the standard asks for is missing: what one has to do for it.",
     "This is an older badge: it follows the rules of Verifiable Credentials 1.1."),
    ("es", "Falta una parte que pide la norma: lo que hay que hacer para conseguirlo.",
     "Esta es una insignia antigua: sigue las reglas de Verifiable Credentials 1.1.")])
def test_what_a_record_lacks_is_said_in_words(run: Run, tmp_path: Path, language: str, lacks: str, older: str) -> None:
    signer = Signer()
    badge = signer.course(status=False)
    del badge["credentialSubject"]["achievement"]["criteria"]
    answer = run("verify", written(tmp_path, signer.sign(badge)), *NOW, "--lang", language)
    assert answer.exit_code == 0 and lacks in answer.stdout
    published = samples("dcc/example-credentials/criteria-markdown-bold/credential.json")
    assert older in run("verify", str(published), "--now", "2023-08-02T17:43:32.5Z", "--lang", language).stdout


@pytest.mark.parametrize(("language", "older"), [
    ("en", "This is an older badge: it follows the rules of Open Badges 2.0."),
    ("es", "Esta es una insignia antigua: sigue las reglas de Open Badges 2.0.")])
def test_an_older_badge_is_checked_and_called_one(tmp_path: Path, language: str, older: str) -> None:
    site = Site(World())
    address = b"openbadges\x00" + ASSERTION.encode()
    picture = with_chunks(chunk(b"tEXt", address))
    sources = (json.dumps(site.assertion()).encode(), token(site.signed()).encode(), picture)
    for number, source in enumerate(sources):
        file, data = tmp_path / f"{number}.txt", str(tmp_path / "data")
        file.write_bytes(source)
        answer = CliRunner().invoke(main, ["verify", str(file), "--lang", language], env={"BACKPACK_DATA": data},
                                    obj=Ports(clock=site.world.clock, fetcher=site.world.web))
        assert answer.exit_code == 0 and older in answer.stdout and "Awesome Robotics" in answer.stdout, answer.output
        offline = CliRunner().invoke(main, ["verify", str(file), "--offline"], env={"BACKPACK_DATA": data},
                                     obj=Ports(clock=site.world.clock, fetcher=site.world.web))
        assert offline.exit_code == 3 and "Awesome Robotics" not in offline.stdout
