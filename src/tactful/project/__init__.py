"""The user's files become one frozen Project."""
