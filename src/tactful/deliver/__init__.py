"""Outbox, suppression, contacts and channels: what leaves, once, and only what may."""
