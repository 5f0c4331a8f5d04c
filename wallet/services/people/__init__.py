"""Who belongs to a record and how they get in: invitations, leaving, ages, hand-over, ways to open, recovery."""
