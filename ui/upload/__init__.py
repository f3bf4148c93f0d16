"""What the upload page is made of: the desk (which file, how far), its steps, and the list of batches."""
