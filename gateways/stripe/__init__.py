"""Stripe: cards' disputes and early fraud warnings through the `stripe` SDK."""
