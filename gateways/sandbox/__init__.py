"""The gateways' wire protocols as a server of its own, written from their contracts and not from our adapters.

It imports nothing of ours but `disputes.money` and `disputes.clock`, so that a mistake in an adapter cannot hide here
too.
"""
