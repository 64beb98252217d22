"""The one place that imports python-liquid: everything the project takes from it, its private comparisons included."""

from __future__ import annotations

from liquid import BoundTemplate, Environment, Markup, RenderContext, StrictDefaultUndefined
from liquid.ast import BlockNode, Node
from liquid.builtin import CachingDictLoader
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path, parse_primitive
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
    _contains,
    _eq,
    _le,
    _lt,
    is_truthy,
)
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.assign_tag import AssignNode, AssignTag
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.case_tag import _AnyExpression
from liquid.builtin.tags.cycle_tag import CycleNode, CycleTag
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.builtin.tags.for_tag import ForLoop
from liquid.exceptions import LiquidError, LiquidInterrupt, LiquidSyntaxError, StopRender, TemplateNotFoundError
from liquid.expression import Expression
from liquid.output import NullIO
from liquid.stream import TokenStream
from liquid.stringify import to_liquid_string
from liquid.tag import Tag
from liquid.token import TOKEN_TAG, Token
from liquid.undefined import Undefined
from liquid.utils import ReadOnlyChainMap

__all__ = [
    "TOKEN_TAG",
    "AssignNode",
    "AssignTag",
    "BlockNode",
    "BoundTemplate",
    "CachingDictLoader",
    "CaptureNode",
    "CaptureTag",
    "ContainsExpression",
    "CycleNode",
    "CycleTag",
    "EchoNode",
    "EchoTag",
    "Environment",
    "EqExpression",
    "Expression",
    "FilteredExpression",
    "ForLoop",
    "GeExpression",
    "GtExpression",
    "LeExpression",
    "LiquidError",
    "LiquidInterrupt",
    "LiquidSyntaxError",
    "LogicalAndExpression",
    "LogicalNotExpression",
    "LogicalOrExpression",
    "LoopExpression",
    "LtExpression",
    "Markup",
    "NeExpression",
    "Node",
    "NullIO",
    "Output",
    "OutputNode",
    "Path",
    "ReadOnlyChainMap",
    "RenderContext",
    "StopRender",
    "StrictDefaultUndefined",
    "Tag",
    "TemplateNotFoundError",
    "Token",
    "TokenStream",
    "Undefined",
    "_AnyExpression",
    "_contains",
    "_eq",
    "_le",
    "_lt",
    "is_truthy",
    "parse_primitive",
    "to_liquid_string",
]  # fmt: skip
