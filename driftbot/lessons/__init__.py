"""Lessons as tested artefacts: cases run, rules mutated, manners kept, new ones scaffolded, pages rendered."""
