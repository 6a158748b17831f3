"""FAB's doors of the room: what reviewers decide, who waits after a void, and what operators edit."""
