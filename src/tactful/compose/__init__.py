"""Content becomes messages: parsed once, rendered into skeleton and slots, joined to bytes when they leave."""
