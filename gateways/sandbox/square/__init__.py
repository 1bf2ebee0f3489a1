"""Square's Disputes API and the reads beside it, written from its contract and from the SDK's models."""
