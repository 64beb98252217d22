"""Tactful: who should hear what, when, and how personally."""

__version__ = "0.1.0"
