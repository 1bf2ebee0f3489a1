"""The domain: money, time, lifecycle, deadlines, guardrails, knowledge, store, journal. Imports nothing above it."""
