"""How long what is kept: one table of rules and one job that obeys it (个人信息保护法 §19, §47)."""
