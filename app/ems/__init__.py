"""The employment management system (EMS): its client, the sync to it, and a stand-in of the system itself."""
