"""The packet: one PDF a bank reviewer can decide on in two minutes."""
