"""The desk's face: pages, webhooks in, command line; and `compose`, the only place that knows every concrete class."""
