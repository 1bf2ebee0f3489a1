"""Shopify Payments, over the Admin API of the shop: the first gateway through the door of `disputes.gateway_kinds`."""
