"""The only writers of batches: receive and check a sheet, commit and undo it (R4.1)."""
