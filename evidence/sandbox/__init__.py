"""Shops, carriers and help desks to practise on: their wire protocols as a server of its own.

Written from the contracts and not from the adapters; it imports nothing of ours but money and clock.
"""
