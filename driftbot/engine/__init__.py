"""The rule engine: what rules need, columns of prepared values, and the one judgement."""
