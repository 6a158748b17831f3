"""Small remittances that prove whose an account is: one interface, a batch of files, a bank that stands in."""
