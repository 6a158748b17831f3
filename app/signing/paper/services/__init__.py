"""The writers of the signings on paper."""
