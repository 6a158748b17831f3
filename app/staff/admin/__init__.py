"""FAB's doors of the room: 账号管理."""
