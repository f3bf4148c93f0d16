"""What pages mount: computed and worded once for each set of choices, kept by the cache, the same for everybody who
asks with the same values."""
