"""What was seen of an attempt from outside its process: the rows of the hook's log, and the lines that it printed."""
