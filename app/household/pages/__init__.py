"""The graduate's pages of archive and hukou: overview, choice of the type, form, progress (R7.12)."""
