"""Clips and pictures: is a file sound, what is it, and what a person looks at, one decode each."""
