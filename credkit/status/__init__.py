"""Status lists: decoding only. Fetching and checking a list credential is ``verification``'s work."""

from credkit.status import bitstring

STATUS_TYPES = ((bitstring.ENTRY_TYPE, bitstring),)
