"""Code tables, regions and universities as editable data; validators of the numbers people carry."""
