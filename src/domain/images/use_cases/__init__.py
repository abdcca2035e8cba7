"""What people do with their images."""
