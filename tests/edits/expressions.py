"""Expressions as people write them, and stranger ones: every notation of a constant in every place it can stand."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBERS = st.sampled_from(
    ["5", "0.9", "90", ".5", "5.", "0.90", "1e6", "2.5E-3", "1e+06", "0x1F", "0XAB", "1_000", "1_000_000", "5m",
     "1h30m", "250ms", "1d", "007", "14.4", "100", "0", "1", "3", "Inf"]
) | st.integers(1, 10**6).map(str)  # fmt: skip
COMPUTED = st.sampled_from(
    ["60*60*24", "(1-0.999)*14.4", "14.4 * (1 - 0.999)", "5 * 60", "2 ^ 3", "2 ^ 3 ^ 1", "1024 * 1024", "-2 ^ 2",
     "7 % 4", "100 - 5", "-(5)", "--5", "-+5", "(2 * 3) / 4", "1 - (2 - 3)", "30 * 24h", "5 # minutes\n  * 60",
     "5 *\n  60"]
)  # fmt: skip
CONSTANTS = st.one_of(
    NUMBERS,
    COMPUTED,
    st.builds("{}{}".format, st.sampled_from(["-", "+", "- ", "+ "]), NUMBERS),
    st.builds("({})".format, NUMBERS | COMPUTED),
    st.builds("vector({})".format, NUMBERS | COMPUTED),
    st.builds("scalar( vector({}) )".format, NUMBERS),
)
MEASURED = st.sampled_from(
    ["x", "up{job='a 5'}", 'x{a="5 > 3"}', 'x{a=~"5.*|90"}', "rate(x[5m])", "sum by (a) (rate(x[5m]))", "x offset 5m",
     "(x + 5)", "x / 60 * 100", 'label_replace(x, "a", "5", "b", "5")', "max_over_time(rate(x[5m])[1h:5m])", "x @ 5",
     "count(x > 5)", "quantile(0.9, x)", "topk(5, x)", "time() - x", "x - 90", "100 * (1 - x)", "x > y", "1 < x",
     "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))", "x # not > 5\n ", "clamp_max(x, 5)", "- x", "x == x"]
)  # fmt: skip
OPERATORS = st.sampled_from([">", ">=", "<", "<=", "==", "!="])
MATCHING = st.sampled_from(
    ["", "", "", "", "bool", "on ()", "ignoring (a)", "on (a) group_left ()", "ignoring(a)group_left(b)"]
)
GAPS = st.sampled_from([" ", " ", " ", "", "  ", "\n  ", "\t", " # 5 > 3\n"])

ABOVE = st.builds("{}{}{}{} {}".format, MEASURED, GAPS, OPERATORS, st.builds("{}{}".format, GAPS, MATCHING), CONSTANTS)
REVERSED = st.builds("{}{}{}{}{}".format, CONSTANTS, GAPS, OPERATORS, GAPS, MEASURED)
CHAIN = st.builds("{} < {} < {}".format, CONSTANTS, MEASURED, CONSTANTS)
LEAF = st.one_of(ABOVE, ABOVE, REVERSED, CHAIN, MEASURED, st.builds("absent({})".format, MEASURED | ABOVE))
WRAPPED = LEAF | st.builds("({}{})".format, LEAF, GAPS) | st.builds("sum by (a) ({}) > {}".format, LEAF, CONSTANTS)
WRAPPED = WRAPPED | st.builds("({}) * on (a) group_left () y".format, LEAF)
JOIN = st.sampled_from([" and ", " or ", " unless ", "\nand on (a) ", " and ignoring (a, b)\n", " or # 5\n "])
EXPRESSIONS = st.builds(
    lambda first, rest: first + "".join(join + part for join, part in rest),
    WRAPPED, st.lists(st.tuples(JOIN, WRAPPED), max_size=3),
)  # fmt: skip
VALUES = (
    st.sampled_from([0.95, 0.1, 7, 95, 2.5e6, 600, 90, 0, -3, 1.5, 1e-9, 1e18, 3600.5])
    | st.integers(-1000, 10**7)
    | st.decimals(0, 1000, places=4)
    | st.floats(-1e12, 1e12, allow_subnormal=False)
).map(float)
