"""The parts of the page of place changes: the list with its undoing, the form, and the preview that asks."""
