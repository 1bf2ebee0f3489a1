"""The clock, the engine and the workflows: pull, prepare, respond, digest, sweep."""
