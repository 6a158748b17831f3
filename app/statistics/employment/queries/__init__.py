"""What a reader may know of employment: figures by group, the people behind each, day by day."""
