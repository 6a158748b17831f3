"""W11 离校确认: a graduate looks through everything that is registered, confirms it, and shows it to whom they choose."""
