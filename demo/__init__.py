"""A family's story on local servers: what ``make demo`` runs and the browser tests click through."""
