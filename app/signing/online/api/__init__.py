"""Online signings, and the templates of their letters, as programs use them."""
