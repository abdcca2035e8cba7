"""Tests of the reader of embedded metadata."""
