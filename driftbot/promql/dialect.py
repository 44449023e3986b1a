"""Other languages and newer syntax in the place of PromQL, told by their words where the parser refuses a text."""

from __future__ import annotations

import re

LOOKED_AT = 4_000
"""Characters from the beginning in which a language's words are looked for; the text may be anybody's."""

_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\r\n]*')
_METRICSQL_FUNCTIONS = (
    "aggr_over_time|alias|any|buckets_limit|count_eq_over_time|count_gt_over_time|count_le_over_time|count_ne_over_time|"
    "default_rollup|distinct|distinct_over_time|drop_common_labels|end|geomean|histogram_share|histogram_over_time|"
    "increase_prometheus|increase_pure|increases_over_time|interpolate|keep_last_value|keep_next_value|label_copy|"
    "label_del|label_graphite_group|label_keep|label_lowercase|label_map|label_match|label_mismatch|label_move|label_set|"
    "label_transform|label_uppercase|label_value|lag|lifetime|limit_offset|mad|median|median_over_time|mode|now|outliers_iqr|"
    "outliersk|prometheus_buckets|quantiles|quantiles_over_time|range_avg|range_first|range_last|range_max|range_median|"
    "range_min|range_quantile|range_sum|rate_over_sum|rate_prometheus|remove_resets|rollup|rollup_candlestick|"
    "rollup_delta|rollup_increase|rollup_rate|running_avg|running_max|running_min|running_sum|scrape_interval|share|"
    "share_gt_over_time|share_le_over_time|smooth_exponential|sum2|tfirst_over_time|timestamp_with_name|tlast_over_time|"
    "tmax_over_time|tmin_over_time|union|vmrange|zscore|zscore_over_time"
)

_SIGNS = (
    (re.compile(r"[{}]\s*(?:\|[=~>]?|!=|!~)|\|\s*(?:json|logfmt|pattern|regexp|unpack|line_format|unwrap)\b"), "LogQL"),
    (re.compile(r"\b(?:bytes_rate|bytes_over_time)\s*\("), "LogQL"),
    (re.compile(r"^\s*with\s*\(|\b(?:default|if|ifnot)\b(?!\s*[({=,)])", re.IGNORECASE), "MetricsQL"),
    (re.compile(rf"\b(?:{_METRICSQL_FUNCTIONS})\s*\("), "MetricsQL"),
    (
        re.compile(r"\[[^\[\]]{0,80}?\d{1,9}i\b|(?<![\w.])\d+(?:\.\d+)?(?:[KMGT]i?B?|i)\b|\bkeep_metric_names\b"),
        "MetricsQL",
    ),
    (
        re.compile(r"\[[^\[\]]{0,80}?(?:[-+*/()]|step|range)|\boffset\s*\("),
        "PromQL with a computed duration (Prometheus ≥ 3.4)",
    ),
    (
        re.compile(r"\]\s*(?:anchored|smoothed)\b|\b(?:anchored|smoothed)\s*$"),
        "PromQL of newer servers (anchored, smoothed)",
    ),
)


def dialect(text: str) -> str:
    """What a text that is not the parser's PromQL looks like, or nothing where no word of it tells."""
    bare = _TEXTS.sub("''", text[:LOOKED_AT])
    return next((name for sign, name in _SIGNS if sign.search(bare)), "")
