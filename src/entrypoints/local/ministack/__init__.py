"""MiniStack with corrections: it saves changes before it confirms them, and sign-in sessions expire."""
