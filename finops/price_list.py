"""From products of the AWS Price List to figures of the price book. Pure: who asks AWS is `cli.price_source`.

A product is the JSON text that `pricing:GetProducts` returns in format aws_v1. What does not fit the table of
`finops.price_rules` is refused with a sentence, never guessed: a unit that is not known, two products with different
prices for one item, a price outside its sane range.
"""

import fnmatch
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from finops.book import PriceBook, Tier, Unit
from finops.price_rule import PREFIXES, Rule
from finops.price_rules import LADDERS, NOT_LISTED, RULES, SUMS

_BOUND = Decimal("0.000001")  # of bounds that a change of unit makes endless
_FIELD = re.compile(r"\{(\w+)\}")


class PriceListError(ValueError):
    """A product is malformed; the text says what of it."""


@dataclass(frozen=True, slots=True)
class Query:
    """One request: a service, a region, and attributes that must match exactly. Its rules share the answer."""

    service: str
    region: str
    filters: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a product's price, in AWS's own unit."""

    begin: Decimal
    end: Decimal | None
    unit: str
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One product, with the steps of its on-demand price; none where it is only sold otherwise."""

    sku: str
    attributes: Mapping[str, str]
    """With `productFamily`."""
    steps: tuple[Step, ...]
    version: str
    published: date


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as AWS lists it, in the unit of the book."""

    item: str
    region: str
    unit: Unit
    service: str
    version: str
    published: date
    tiers: tuple[Tier, ...]

    @property
    def usd(self) -> Decimal:
        """The price of the first step."""
        return self.tiers[0].usd


@dataclass(slots=True)
class Answer:
    """What the price list says: figures by item and region, and why something has none."""

    figures: dict[tuple[str, str], Figure] = field(default_factory=dict)
    problems: dict[tuple[str, str], str] = field(default_factory=dict)
    """By item and region."""
    malformed: list[str] = field(default_factory=list)
    """Products that could not be read: service and what is wrong, each once."""


def rule_of(item: str) -> tuple[str, ...]:
    """Return the items of the table that an item of the book is read from; empty where no rule has it."""
    if item in SUMS:
        return SUMS[item]
    if item in LADDERS:
        return tuple(name for name, _ in LADDERS[item])
    return tuple(rule.item for rule in RULES if _template(rule).fullmatch(item))


def reason_not_listed(item: str) -> str | None:
    """Return why the API cannot have an item; None for one that it can have."""
    return next((why for pattern, why in NOT_LISTED.items() if fnmatch.fnmatchcase(item, pattern)), None)


def wanted(
    book: PriceBook, types: Iterable[str], items: Sequence[str], regions: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the items and regions to ask for: the book's in every region, and the instance types that are known.

    `items` are patterns that narrow it; one without * and ? is asked for although the book does not have it.
    """
    listed = dict.fromkeys(sorted(item for item in book.items if rule_of(item) and not reason_not_listed(item)))
    listed |= dict.fromkeys(f"ec2.on-demand/{name}" for name in types if "ec2.on-demand" in _families(book))
    chosen = [item for item in listed if not items or any(fnmatch.fnmatchcase(item, pattern) for pattern in items)]
    named = (item for item in items if not re.search(r"[*?\[]", item))
    return [(item, region) for item in dict.fromkeys([*chosen, *named]) for region in regions]


def _families(book: PriceBook) -> set[str]:
    return {item.partition("/")[0] for item in book.items}


def queries(asked: Iterable[tuple[str, str]]) -> list[Query]:
    """Return the requests for items and regions; rules with the same filters share one. Raises `PriceListError`."""
    grouped: dict[tuple[str, str, tuple[tuple[str, str], ...]], dict[str, Rule]] = {}
    by_name = {rule.item: rule for rule in RULES}
    for item, region in asked:
        if region not in PREFIXES:
            raise PriceListError(f"region {region!r} is not known; use {', '.join(PREFIXES)}")
        names = rule_of(item)
        if not names:
            reason = reason_not_listed(item) or f"no rule reads it; items are like {', '.join(sorted(by_name)[:4])}"
            raise PriceListError(f"{item} cannot be had from the price list: {reason}")
        for name in names:
            rule = by_name[name]
            grouped.setdefault((rule.service, region, rule.asked(region)), {})[name] = rule
    return [
        Query(service, region, filters, tuple(rules.values())) for (service, region, filters), rules in grouped.items()
    ]


def read_product(text: str) -> Product:
    """Read a product. Raises `PriceListError` for one that is not in the documented format."""
    try:
        raw = json.loads(text, parse_float=Decimal)
        product = raw["product"]
        attributes = {str(key): str(value) for key, value in product["attributes"].items()}
        family = {"productFamily": str(product["productFamily"])} if "productFamily" in product else {}
        terms = raw.get("terms", {}).get("OnDemand", {}).values()
        return Product(
            sku=str(product["sku"]),
            attributes=attributes | family,
            steps=_steps(terms),
            version=str(raw["version"]),
            published=date.fromisoformat(str(raw["publicationDate"])[:10]),
        )
    except PriceListError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation, RecursionError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)[:80]
        raise PriceListError(f"is not in format aws_v1: {what}") from None


def _steps(terms: Iterable[Any]) -> tuple[Step, ...]:
    """Read the steps of the term in effect: the latest, where there are several; a lease is none on demand."""
    open_ended = (term for term in terms if "LeaseContractLength" not in term.get("termAttributes", {}))
    in_effect = max(open_ended, key=lambda term: str(term["effectiveDate"]), default=None)
    if in_effect is None:
        return ()
    steps = []
    for dimension in in_effect["priceDimensions"].values():
        if "USD" not in dimension["pricePerUnit"]:
            raise PriceListError(f"has no price in USD but in {', '.join(dimension['pricePerUnit']) or 'nothing'}")
        usd, begin = Decimal(str(dimension["pricePerUnit"]["USD"])), Decimal(str(dimension.get("beginRange", 0)))
        end = str(dimension.get("endRange", "Inf"))
        step = Step(begin, None if end == "Inf" else Decimal(end), str(dimension["unit"]), usd)
        if not (usd.is_finite() and begin.is_finite() and usd >= 0) or (step.end is not None and not step.end > begin):
            raise PriceListError(f"has a step that is none: {usd} USD from {begin} to {end}")
        steps.append(step)
    steps.sort(key=lambda step: step.begin)
    for step, following in itertools.pairwise(steps):
        if step.end != following.begin:
            raise PriceListError(f"has steps with a gap or an overlap at {following.begin}")
    return tuple(steps)


def figures(query: Query, products: Iterable[str]) -> Answer:
    """Return the figures that the products of one request have for its rules, internal names included."""
    found: dict[str, dict[tuple[Tier, ...], Figure]] = {}
    answer = Answer()
    for text in products:
        try:
            product = read_product(text)
        except PriceListError as error:
            said = f"a product of {query.service} in {query.region} {error}"
            answer.malformed += [said] if said not in answer.malformed else []
            continue
        for rule, item in _matches(query, product):
            try:
                figure = _figure(rule, item, query.region, product)
            except PriceListError as error:
                answer.problems[item, query.region] = f"product {product.sku} {error}"
                continue
            if figure is not None:
                found.setdefault(item, {})[figure.tiers] = figure
    for item, prices in found.items():
        if len(prices) > 1:
            shown = " and ".join(sorted(f"{tiers[0].usd.normalize():f}" for tiers in prices))
            answer.problems[item, query.region] = f"products with different prices fit: {shown} USD"
        elif (item, query.region) not in answer.problems:
            answer.figures[item, query.region] = next(iter(prices.values()))
    return answer


def _matches(query: Query, product: Product) -> Iterator[tuple[Rule, str]]:
    usage = product.attributes.get("usagetype", "")
    prefixes = PREFIXES[query.region]
    stripped = {usage.removeprefix(prefix) for prefix in prefixes if usage.startswith(prefix)}
    for rule in query.rules:
        fitting = [found for name in stripped if (found := re.fullmatch(rule.usage, name))]
        if not fitting:
            continue
        # The API filters already; a stub, or a filter that AWS ignores, must not let others in.
        if any(product.attributes.get(key, value) != value for key, value in rule.asked(query.region)):
            continue
        if any(product.attributes.get(key) not in words for key, words in rule.words.items()):
            continue
        named = {key: rule.words[key][value] for key, value in product.attributes.items() if key in rule.words}
        named = {**product.attributes, **named, **fitting[0].groupdict()}
        if all(named.get(key) for key in _FIELD.findall(rule.item)):
            yield rule, rule.item.format(**named)


def _figure(rule: Rule, item: str, region: str, product: Product) -> Figure | None:
    """Return a product's figure; None for one that costs nothing, such as what is paid with a host."""
    steps = list(product.steps)
    # A first step of nothing is a free tier, which is the account's and not the resource's: the book leaves it out.
    while steps and steps[0].usd == 0:
        steps.pop(0)
    if not steps:
        return None
    tiers = []
    for step in steps:
        factor = rule.units.get(step.unit.lower())
        if factor is None:
            raise PriceListError(f"is priced per {step.unit!r}; the table knows {', '.join(rule.units)}")
        end = None if step.end is None else ((step.end - steps[0].begin) / factor).quantize(_BOUND)
        tiers.append(Tier(up_to=end, usd=step.usd * factor) if step.usd else None)
    if None in tiers:
        raise PriceListError("has a step of nothing between others")
    kept = tuple(tier for tier in tiers if tier is not None)
    if not rule.least <= kept[0].usd <= rule.most:
        span = f"{rule.least.normalize():f} to {rule.most.normalize():f}"
        raise PriceListError(f"costs {kept[0].usd.normalize():f} USD per {rule.unit.value}, outside of {span}")
    return Figure(item, region, rule.unit, rule.service, product.version, product.published, kept)


def compose(answers: Iterable[Answer], asked: Iterable[tuple[str, str]]) -> Answer:
    """Return the figures of what was asked, sums and ladders made, with a reason for each that is not there."""
    merged = Answer()
    for answer in answers:
        merged.figures |= answer.figures
        merged.problems |= answer.problems
        merged.malformed += answer.malformed
    result = Answer(malformed=merged.malformed)
    for item, region in asked:
        names = SUMS.get(item) or tuple(name for name, _ in LADDERS.get(item, ())) or (item,)
        lacking = [name for name in names if (name, region) not in merged.figures]
        if lacking:
            result.problems[item, region] = merged.problems.get((lacking[0], region), "no product fits")
        else:
            result.figures[item, region] = _composed(item, [merged.figures[name, region] for name in names])
    return result


def _composed(item: str, parts: Sequence[Figure]) -> Figure:
    first = parts[0]
    tiers = first.tiers
    if item in SUMS:
        tiers = (Tier(usd=sum((part.usd for part in parts), Decimal(0))),)
    elif item in LADDERS:
        ends = (end for _, end in LADDERS[item])
        tiers = tuple(Tier(up_to=end, usd=part.usd) for part, end in zip(parts, ends, strict=True))
    newest = max(parts, key=lambda part: part.published)
    return Figure(item, first.region, first.unit, first.service, newest.version, newest.published, tiers)


def _template(rule: Rule) -> re.Pattern[str]:
    """Return the pattern of the items that a rule names."""
    parts = re.split(r"\{\w+\}", rule.item)
    keys = _FIELD.findall(rule.item)
    text = re.escape(parts[0])
    for key, rest in zip(keys, parts[1:], strict=True):
        words = rule.words.get(key)
        text += (f"(?:{'|'.join(map(re.escape, words.values()))})" if words else "[a-z0-9.-]+") + re.escape(rest)
    return re.compile(text)
