"""What is usual for a series: level, spread and season."""
