"""The language every room speaks: frozen values, no input or output."""
