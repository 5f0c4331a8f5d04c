"""Status lists: decoding only. Fetching and checking a list is ``verification``'s work.

``STATUS_TYPES`` goes by the type of a ``credentialStatus``, ``TOKEN_STATUS_TYPES`` by the member of a claim ``status``.
"""

from credkit.status import bitstring, edtech_revocation_list, token_status_list

STATUS_TYPES = ((bitstring.ENTRY_TYPE, bitstring), (edtech_revocation_list.ENTRY_TYPE, edtech_revocation_list))
TOKEN_STATUS_TYPES = (("status_list", token_status_list),)
