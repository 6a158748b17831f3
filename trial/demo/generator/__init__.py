"""The generator: an invented country of any size, written by COPY on all cores."""
