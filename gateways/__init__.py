"""Gateways: one adapter a file, the same names in each, limits as data. They know the domain and nothing above it."""
