"""The laws of this repository as programs, and what sets it up. Nothing here is installed with Tactful."""
