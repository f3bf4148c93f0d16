"""An office's own boundary layer in: looked at, matched to the register, cleaned, and put on record to be decided on.

`delivery` leads through it; `columns` finds out which columns name the places, `matching` gives every shape its code,
`findings` says in words what was found. The shapes themselves are dealt with in :mod:`geo`.
"""
