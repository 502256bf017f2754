"""The web: REST and WebSocket API, health, metrics and pages."""
