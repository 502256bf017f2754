"""The simulation: rules, characters, log. Knows no platform."""
