"""Platform and employment system compared each night, in both directions; what differs is mended by one press (B9)."""
