"""Papers whose matter is over: what is handed out says so on every page, and the sealed original stays as it is."""
