"""MiniStack with what it lacks: changes that are saved before they are confirmed, sessions that end."""
