"""核验授权: a graduate lets somebody check chosen parts of what is registered, until a day, and sees each check."""
