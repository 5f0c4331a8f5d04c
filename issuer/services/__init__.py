"""What an issuer does: the role's Python API. No Flask, no click."""
