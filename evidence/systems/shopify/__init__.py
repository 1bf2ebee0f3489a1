"""Shopify: orders, the policies in force and returns, over the Admin GraphQL API."""

from evidence.systems.shopify.kind import KIND

__all__ = ["KIND"]
