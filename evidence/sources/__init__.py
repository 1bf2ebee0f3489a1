"""Where the records of a sale come from, beside the gateway."""
