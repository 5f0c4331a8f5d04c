"""What reading noticed and no check refuses, in plain words: msgids by the code of ``credkit.profiles.REMARKS``."""

from __future__ import annotations

from collections.abc import Mapping

from ui.languages import N_

REMARKS: Mapping[str, str] = {
    "member_missing": N_("A part that the standard asks for is missing: %(name)s."),
    "one_of_missing": N_("One of these parts should be there, and none is: %(name)s."),
    "type_missing": N_("A part does not say what kind of thing it is: %(name)s."),
    "type_in_list": N_("The kind of a part is written in an unusual way: %(name)s."),
    "value_unknown": N_("A part has a value that the standard does not know: %(name)s."),
    "value_not_listed": N_("A value is none of those that the record itself lists: %(name)s."),
    "form_unknown": N_("A part is not written the way the standard asks for: %(name)s."),
    "number_for_text": N_("A number stands where the standard asks for text: %(name)s."),
    "address_only": N_("Only an address stands where the standard asks for the thing itself: %(name)s."),
    "member_unknown": N_("There is a part for which the standard has no place: %(name)s."),
    "several_values": N_("There are several where the standard knows one: %(name)s."),
    "reference_missing": N_("A part points to something that is not in the record: %(name)s."),
    "reference_other": N_("A part points to a record where the standard asks for an achievement: %(name)s."),
    "context_order": N_("The lists of its words do not stand in the order that the standard asks for."),
    "weak_hash": N_("An identity in it is hidden in a way (MD5) that is no longer safe."),
    "older_badge": N_("This is an older badge: it follows the rules of %(name)s."),
    "status_message": N_("The signer's list says about this record: “%(name)s”"),
    "unlinkable": N_("It cannot be linked to the other times it was shown, except by what it says."),
    "refresh_advised": N_("The signer's list says that there is a newer version of this record."),
}
OTHER = N_("Something in it is not quite as the standard asks.")

NAMES: Mapping[str, str] = {
    "achievedLevel": N_("the level reached"),
    "associationType": N_("how two achievements belong together"),
    "awardedDate": N_("the day of the award"),
    "criteria": N_("what one has to do for it"),
    "description": N_("the description"),
    "id": N_("an address or number of its own"),
    "identityHash": N_("who it is about"),
    "identityType": N_("the kind of a name or number"),
    "name": N_("the name"),
    "resultDescription": N_("what was measured"),
    "resultType": N_("the kind of result"),
    "status": N_("the state of the result"),
    "validFrom": N_("the day from which it counts"),
    "value": N_("the result"),
    "id, identifier": N_("who it is about"),
    "id, narrative": N_("what one has to do for it"),
    "value, status, achievedLevel": N_("the result"),
}
"""What people call a member; others are named as they stand."""
