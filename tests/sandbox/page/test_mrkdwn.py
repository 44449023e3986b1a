"""Slack's markup as HTML: what is markup, and that nothing else ever becomes any."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.sandbox.page.html import h, html
from driftbot.sandbox.page.mrkdwn import mrkdwn

NAMES = {"U0000000ANN": "Ann Onuoha", "C0000000001": "sre"}


def drawn(text: str) -> str:
    return html(h("p", mrkdwn(text, NAMES.get)))[3:-4]


CASES = {
    "*bold* _italic_ ~struck~": "<b>bold</b> <i>italic</i> <s>struck</s>",
    "*bold with _italic_ inside*": "<b>bold with <i>italic</i> inside</b>",
    "2*3*4 and snake_case_name": "2*3*4 and snake_case_name",
    "* not bold *": "* not bold *",
    "`code *stays*`": "<code>code *stays*</code>",
    "```a\n*b*```": "<pre>a\n*b*</pre>",
    "one\ntwo": "one<br>two",
    "&gt; quoted\nnot": "<blockquote>quoted</blockquote>not",
    "<https://a.example/?x=1&amp;y|label>": (
        '<a href="https://a.example/?x=1&amp;y" rel="noopener noreferrer" target="_blank">label</a>'
    ),
    "<mailto:a@b.example|a>": '<a href="mailto:a@b.example" rel="noopener noreferrer" target="_blank">a</a>',
    "see https://a.example/?x=1&amp;y_z_, or": (
        'see <a href="https://a.example/?x=1&amp;y_z_," rel="noopener noreferrer" target="_blank">'
        "https://a.example/?x=1&amp;y_z_,</a> or"
    ),
    "javascript:alert(1)": "javascript:alert(1)",
    "<javascript:alert(1)|x>": "&lt;javascript:alert(1)|x&gt;",
    "<data:text/html,x>": "&lt;data:text/html,x&gt;",
    "<https://[|x>": "&lt;https://[|x&gt;",
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;script&gt;alert(1)&lt;/script&gt;": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;!channel&gt;": "&lt;!channel&gt;",
    "<!channel>": '<span class="mention everybody">@channel</span>',
    "<@U0000000ANN>": '<span class="mention">@Ann Onuoha</span>',
    "<@U9>": "&lt;@U9&gt;",
    "<#C0000000001>": '<span class="mention">#sre</span>',
    "<!subteam^S1|@sre>": '<span class="mention">@sre</span>',
    "<!subteam^S1>": '<span class="mention">@S1</span>',
    "<!date^1767571200^{date_short} {time}|then>": '<span class="date">Jan 5, 2026 00:00 UTC</span>',
    "<!date^nonsense^{date}|then>": '<span class="date">then</span>',
    "<!date^1^{century}|then>": '<span class="date">then</span>',
    "<!unknown>": "&lt;!unknown&gt;",
    ":warning: :unheard_of:": "⚠️ :unheard_of:",
    "a\x00b\ud800": "a�b�",
    "&amp;lt;": "&amp;lt;",
}


@pytest.mark.parametrize(("text", "shown"), CASES.items(), ids=map(ascii, CASES))
def test_markup(text: str, shown: str):
    assert drawn(text) == shown


class Seen(HTMLParser):
    """The tags and attributes of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.hrefs: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]


pieces = st.sampled_from(
    ["<", ">", "&", '"', "'", "*", "_", "~", "`", "```", "\n", "> ", "|", "!", "@U0000000ANN", "#", "^", "<!channel>",
     "<script>", "</p>", "<img src=x onerror=alert(1)>", "javascript:", "https://a.example", ":warning:", "\ud800",
     "\x00", "\u202e", "&lt;", "&#60;", "date^1767571200^{date}"]
)  # fmt: skip


@given(st.lists(pieces | st.text(max_size=5), max_size=25).map("".join))
def test_no_text_becomes_a_tag_that_the_markup_has_not(text: str):
    seen = Seen(drawn(text))
    assert seen.tags <= {"a", "b", "blockquote", "br", "code", "i", "pre", "s", "span"}
    assert seen.attributes <= {"class", "href", "rel", "target"}
    assert all(href.startswith(("http://", "https://", "mailto:", "HTTP", "Http")) for href in seen.hrefs)


@given(st.text(max_size=60))
def test_escaped_text_is_shown_as_it_was(text: str):
    import html as entities

    markup = set("*_~`:\n")
    plain = "".join(character for character in text if character not in markup).replace("\r", "").replace("\x00", "")
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if escaped.startswith("&gt;"):
        return
    assert entities.unescape(drawn(escaped)) == plain
