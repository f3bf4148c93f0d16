"""Files of the departments in: recognised, checked row by row, and loaded in one transaction each."""
