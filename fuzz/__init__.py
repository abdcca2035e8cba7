"""Coverage-guided fuzzing of everything that reads bytes of uploads; ``make fuzz`` runs it."""
