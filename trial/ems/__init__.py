"""A stand-in of the employment management system: a separate service with its own process and database.

It imports nothing of the platform but the list of a graduate's fields; the two know each other only by the HTTP
contract in app/ems/README.md.
"""
