"""Many simulations: studies, runs, comparisons and their statistics; the command line is in `cli`."""
