"""OAuth, OpenID4VCI, OpenID4VP and DCQL as messages: parse, build, check. No input or output happens here."""
