"""FAB's doors of the room: choice of the module, settings of provinces and schools, reference lists."""
