"""Small remittances that prove whose an account is: one interface, and a batch of files for a bank's own program."""
