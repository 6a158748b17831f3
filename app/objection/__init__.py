"""W9 与事实不符: a graduate says that a record in their name is not true, and the province finds out."""
