"""The record itself: what is kept, read and shown of it, and what the family says, adds, hides and asks about it."""
