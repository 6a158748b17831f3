"""Tables of the workflows of this room."""
