"""Read-outs: our path beside SQL that is written by hand."""
