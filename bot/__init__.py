"""The application: wires engine and adapters together."""
