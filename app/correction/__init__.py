"""W12 生源核对: graduates check what the roster says of them, name what is wrong, and the school answers each of it (R1.9)."""
