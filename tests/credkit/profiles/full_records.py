"""Records that use every class and member of Open Badges 3.0 and CLR 2.0, each in the form the standard asks for."""

from __future__ import annotations

from typing import Any

from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3

AT = "https://school.example/achievements/robotics"
WHEN = "2026-06-15T00:00:00Z"
HASH = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"


def profile(**more: Any) -> JSONObject:
    return {"id": "https://school.example", "type": ["Profile"], "name": "Lincoln High School", **more}


def image() -> JSONObject:
    return {"id": "https://school.example/badge.png", "type": "Image", "caption": "A robot"}


def entry() -> JSONObject:
    return {"type": "IdentifierEntry", "identifier": "12345", "identifierType": "sourcedId"}


def name() -> JSONObject:
    return {"type": "IdentityObject", "hashed": False, "identityHash": "María", "identityType": "name"}


def alignment() -> JSONObject:
    return {"type": ["Alignment"], "targetName": "Loops", "targetUrl": "https://case.example/items/1",
            "targetType": "CFItem", "targetCode": "L.1", "targetDescription": "Uses loops", "targetFramework": "CS"}


def issuer() -> JSONObject:
    return profile(
        url="https://school.example", phone="555-0100", description="A school", email="office@school.example",
        official="Ms Gray", parentOrg=profile(), image=image(), otherIdentifier=[entry()], familyName="Gray",
        givenName="Ann", additionalName="B", patronymicName="C", honorificPrefix="Dr", honorificSuffix="Jr",
        familyNamePrefix="van", dateOfBirth="1980-02-29", endorsementJwt=["eyJhbGciOiJSUzI1NiJ9.e30.c2ln"],
        address={"type": ["Address"], "addressCountry": "US", "addressCountryCode": "US", "addressRegion": "OH",
                 "addressLocality": "Athens", "streetAddress": "1 Main", "postOfficeBoxNumber": "1",
                 "postalCode": "45701", "geo": {"type": "GeoCoordinates", "latitude": 39.3, "longitude": -82.1}})


def achievement() -> JSONObject:
    level = {"id": f"{AT}#master", "type": ["RubricCriterionLevel"], "name": "Master", "level": "3", "points": "3",
             "description": "All of it", "alignment": [alignment()]}
    return {
        "id": AT, "type": ["Achievement"], "achievementType": "Course", "name": "Robotics", "description": "A year.",
        "criteria": {"id": f"{AT}/criteria", "narrative": "Build one."}, "alignment": [alignment()],
        "creator": profile(), "creditsAvailable": 1.5, "fieldOfStudy": "CS", "humanCode": "ROB1", "image": image(),
        "inLanguage": "en-US", "otherIdentifier": [entry()], "specialization": "Arms", "tag": ["robot"],
        "version": "2", "endorsement": [endorsement()],
        "related": [{"id": f"{AT}/es", "type": ["Related"], "inLanguage": "es", "version": "1"}],
        "resultDescription": [
            {"id": f"{AT}#grade", "type": ["ResultDescription"], "name": "Grade", "resultType": "LetterGrade",
             "allowedValue": ["B", "A"], "requiredValue": "B", "alignment": [alignment()]},
            {"id": f"{AT}#percent", "type": ["ResultDescription"], "name": "Percent", "resultType": "Percent",
             "valueMin": "0", "valueMax": "100"},
            {"id": f"{AT}#rubric", "type": ["ResultDescription"], "name": "Rubric", "resultType":
             "RubricCriterionLevel", "rubricCriterionLevel": [level], "requiredLevel": f"{AT}#master"},
            {"id": f"{AT}#state", "type": ["ResultDescription"], "name": "State", "resultType": "Status"}],
    }


def badge() -> JSONObject:
    return {
        "@context": list(openbadges_3.CONTEXTS), "id": "urn:uuid:1b6f1c1e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "Robotics", "description": "For a year.",
        "image": image(), "awardedDate": WHEN, "validFrom": WHEN, "validUntil": "2036-06-15T00:00:00Z",
        "issuer": issuer(), "evidence": [{
            "id": "https://school.example/e/1", "type": ["Evidence"], "name": "A film", "narrative": "It walks",
            "description": "Two minutes", "genre": "Film", "audience": "Anybody"}],
        "endorsement": [endorsement()], "endorsementJwt": ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln"],
        "credentialSchema": [{"id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/x.json",
                              "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {"id": "https://school.example/revoked", "type": "1EdTechRevocationList"},
        "refreshService": {"id": "https://school.example/newer", "type": "1EdTechCredentialRefresh"},
        "termsOfUse": [{"type": "Policy"}],
        "credentialSubject": {
            "id": "did:key:z6Mk", "type": ["AchievementSubject"], "achievement": achievement(),
            "identifier": [{"type": "IdentityObject", "hashed": True, "identityHash": HASH, "salt": "s",
                            "identityType": "emailAddress"},
                           name()],
            "image": image(), "activityStartDate": WHEN, "activityEndDate": WHEN, "creditsEarned": 1.5,
            "licenseNumber": "7", "narrative": "Well done", "role": "Builder", "source": profile(), "term": "2026",
            "result": [
                {"type": ["Result"], "resultDescription": f"{AT}#grade", "value": "A", "alignment": [alignment()]},
                {"type": ["Result"], "resultDescription": f"{AT}#rubric", "achievedLevel": f"{AT}#master"},
                {"type": ["Result"], "resultDescription": f"{AT}#state", "status": "Completed"}]},
    }


def endorsement() -> JSONObject:
    return {
        "@context": list(openbadges_3.CONTEXTS), "id": "urn:uuid:1b6f1c1e-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential", "EndorsementCredential"], "name": "A word", "issuer": profile(),
        "validFrom": WHEN, "credentialSubject": {"id": AT, "type": ["EndorsementSubject"],
                              "endorsementComment": "Good"},
    }


def transcript() -> JSONObject:
    member = badge()
    del member["endorsement"], member["endorsementJwt"]
    return {
        "@context": list(clr_2.CONTEXTS), "id": "urn:uuid:1b6f1c1e-0000-4000-8000-000000000003",
        "type": ["VerifiableCredential", "ClrCredential"], "name": "Transcript", "description": "All", "partial": False,
        "issuer": profile(), "validFrom": WHEN, "validUntil": "2036-06-15T00:00:00Z", "awardedDate": WHEN,
        "image": image(), "evidence": [{"type": ["Evidence"]}], "endorsement": [endorsement()],
        "credentialSubject": {
            "id": "did:key:z6Mk", "type": ["ClrSubject"], "verifiableCredential": [member],
            "identifier": [name()],
            "achievement": [{**achievement(), "id": f"{AT}/2"}],
            "association": [{"type": "Association", "associationType": "isChildOf", "sourceId": AT,
                             "targetId": f"{AT}/2"}]},
    }
