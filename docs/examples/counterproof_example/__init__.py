"""A plug-in for the Counterproof desk: one gateway and one source of orders. See docs/plugins.md."""
