"""The employment management system (EMS): its client, and the sync to it."""
