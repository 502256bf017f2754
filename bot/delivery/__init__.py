"""From events in to messages out."""
