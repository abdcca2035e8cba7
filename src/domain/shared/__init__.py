"""What accounts and images have in common."""
