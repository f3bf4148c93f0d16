"""The command line, one module a room; each puts its commands on the parser with `add`."""
