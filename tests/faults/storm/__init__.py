"""A storm: a running trial does its work for many people while its parts are killed, wiped, slowed and lied to."""
