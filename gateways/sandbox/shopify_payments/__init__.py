"""Shopify's Admin API to practise on: the part of it that is about disputes."""
