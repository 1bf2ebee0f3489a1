"""Stripe's protocol for disputes: api.stripe.com and files.stripe.com as two hosts of the sandbox."""
