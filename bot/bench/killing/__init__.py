"""The real application, killed at chosen places, over a chat platform that outlives it."""
