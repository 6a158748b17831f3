"""The writers of online signings and of the letters they begin with."""
