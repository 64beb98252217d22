"""`{% abort_message "reason" %}`: the author ends a message, which is counted and not sent."""

from __future__ import annotations

from typing import TextIO

from tactful.compose.python_liquid import (
    TOKEN_TAG,
    Expression,
    Node,
    RenderContext,
    Tag,
    Token,
    TokenStream,
    parse_primitive,
)


class Abort(Exception):
    """The author's own `abort_message`. Stability: internal."""


class AbortNode(Node):
    """`{% abort_message "reason" %}`. Stability: internal."""

    __slots__ = ("reason",)

    def __init__(self, token: Token, reason: Expression) -> None:
        super().__init__(token)
        self.reason = reason
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:  # noqa: ARG002
        """End the message."""
        raise Abort(str(self.reason.evaluate(context)))


class AbortTag(Tag):
    """Ends a message with a reason: it is counted, not sent. Stability: internal."""

    name = "abort_message"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """A reason in quotes, told to people as it stands."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        reason = parse_primitive(self.env, tokens)
        tokens.expect_eos()
        return AbortNode(token, reason)
