"""The parts of the yardstick for leg ends: peers, figures, simulated ends, tables and the plot (see `leg_ends.py`)."""
