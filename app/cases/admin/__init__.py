"""Cases on the screens of staff: list, tabs, review page; rooms make theirs from these."""
