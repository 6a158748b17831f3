"""The trial: everything `make run` starts by itself, so that a bare machine is enough."""
