#!/usr/bin/env python3
"""The embedded engine answers whole trees of queries as the official Python client's own engine does.

check_engine_queries.py QDRANTCTL [SEED]. As check_engine.py, of which this takes the points, filters and comparisons: every kind of query, alone and
over prefetches. Points named as examples anywhere are no answers anywhere on a server, but only to that query in local mode (which is
told to leave them out); a query whose scores are often equal stands at the root only, where the order of equals is not looked at: which of them a prefetch
cuts off is not defined.
"""
import sys

try:
    from check_engine import DENSE, Comparison, World, make_collection, make_indexes, same_hits, served_engine
    from qdrant_client import QdrantClient, models
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SEED = 20261124
N_ROUNDS = 40
N_QUESTIONS = 30
TEXT = models.TextIndexParams(type="text", scoring=True)
WORDS = "the quick brown fox jumps over a lazy dog while birds sing in old trees".split()
VECTORS = list(DENSE) + ["multi", "sparse"]


class Queries(World):
    """Random queries beside the points and filters of World."""

    def vector(self, using):
        return self.sparse() if using == "sparse" else self.multi() if using == "multi" else self.floats()

    def __init__(self, seed):
        super().__init__(seed)
        self.named = set()

    def example(self, using, held):
        """A point is named once in a tree: as a positive and a negative example it would make all others alike."""
        having = [i for i, vectors in held.items() if using in vectors and i not in self.named]
        if not having or self.rng.random() < 0.5:
            return self.vector(using)
        point = self.rng.choice(having)
        self.named.add(point)
        return point

    def words(self, most):
        return " ".join(self.rng.choice(WORDS) for _ in range(self.rng.randint(1, most)))

    def payload(self):
        story = [self.words(9), self.words(9)] if self.rng.random() < 0.2 else self.words(9)
        return {**super().payload(), **({"story": story} if self.rng.random() < 0.8 else {})}

    def filter_without_named(self, chosen):
        """The filter that says for local mode what a server does by itself."""
        named = models.HasIdCondition(has_id=sorted(self.named, key=str))
        if chosen is None:
            return models.Filter(must_not=[named])
        return models.Filter(**{**dict(chosen), "must_not": [*(chosen.must_not or []), named]})

    def examples(self, using, held, fewest, most):
        return [self.example(using, held) for _ in range(self.rng.randint(fewest, most))]

    def pairs(self, using, held):
        return [
            models.ContextPair(positive=self.example(using, held), negative=self.example(using, held))
            for _ in range(self.rng.randint(1, 3))
        ]

    def scored(self, using, held):
        """A query that scores by vectors, hardly ever two points alike."""
        rng = self.rng
        strategy = rng.choice(list(models.RecommendStrategy))
        fewest = 1 if strategy == models.RecommendStrategy.AVERAGE_VECTOR else 0
        positive = self.examples(using, held, fewest, 2)
        kinds = [
            lambda: models.NearestQuery(nearest=self.example(using, held)),
            lambda: models.RecommendQuery(
                recommend=models.RecommendInput(
                    positive=positive,
                    negative=self.examples(using, held, 0 if positive else 1, 2),
                    strategy=strategy,
                )
            ),
            lambda: models.DiscoverQuery(
                discover=models.DiscoverInput(target=self.example(using, held), context=self.pairs(using, held))
            ),
        ]
        if using in DENSE:
            kinds.append(lambda: self.feedback(using, held))
        return rng.choice(kinds)()

    def unlike(self, using, held):
        """The same for below: sparse vectors often have no index in common with any example."""
        if using == "sparse":
            return models.NearestQuery(nearest=self.example(using, held))
        return self.mmr(using, held) if self.rng.random() < 0.15 else self.scored(using, held)

    def feedback(self, using, held):
        items = [
            models.FeedbackItem(example=self.example(using, held), score=self.rng.uniform(0, 1))
            for _ in range(self.rng.randint(0, 3))
        ]
        naive = models.NaiveFeedbackStrategyParams(a=0.2, b=self.rng.uniform(0, 1), c=0.7)
        return models.RelevanceFeedbackQuery(
            relevance_feedback=models.RelevanceFeedbackInput(
                target=self.example(using, held), feedback=items, strategy=models.NaiveFeedbackStrategy(naive=naive)
            )
        )

    def mmr(self, using, held):
        return models.NearestQuery(
            nearest=self.example(using, held),
            mmr=models.Mmr(diversity=self.rng.uniform(0, 1), candidates_limit=self.rng.choice([None, 5, 30])),
        )

    def expression(self, n_prefetches, depth=0):
        rng = self.rng
        below = lambda: self.expression(n_prefetches, depth + 1)
        leaves = [
            lambda: rng.uniform(-2, 2),
            lambda: "$score",
            lambda: f"$score[{rng.randrange(n_prefetches)}]",
            lambda: "price",
            lambda: "number.deep",
            lambda: self.condition(depth=2),
            lambda: models.GeoDistance(geo_distance=models.GeoDistanceParams(origin=models.GeoPoint(lon=5, lat=45), to="at")),
            lambda: models.DatetimeKeyExpression(datetime_key="when"),
            lambda: models.DatetimeExpression(datetime="2024-05-05T10:00:00Z"),
        ]
        inner = [
            lambda: models.SumExpression(sum=[below() for _ in range(rng.randint(1, 3))]),
            lambda: models.MultExpression(mult=[below() for _ in range(rng.randint(1, 3))]),
            lambda: models.MaxExpression(max=[below() for _ in range(rng.randint(1, 3))]),
            lambda: models.MinExpression(min=[below() for _ in range(rng.randint(1, 3))]),
            lambda: models.NegExpression(neg=below()),
            lambda: models.AbsExpression(abs=below()),
            lambda: models.SqrtExpression(sqrt=models.AbsExpression(abs=below())),
            lambda: models.LnExpression(ln=models.SumExpression(sum=[1.5, models.AbsExpression(abs=below())])),
            lambda: models.Log10Expression(log10=models.SumExpression(sum=[1.5, models.AbsExpression(abs=below())])),
            lambda: models.AcoshExpression(acosh=models.SumExpression(sum=[1.5, models.AbsExpression(abs=below())])),
            lambda: models.ExpExpression(exp=models.MinExpression(min=[below(), 3.0])),
            lambda: models.DivExpression(div=models.DivParams(left=below(), right=below(), by_zero_default=0.75)),
            lambda: models.PowExpression(pow=models.PowParams(base=models.AbsExpression(abs="$score"), exponent=2.5)),
            lambda: self.decay(below),
        ]
        return rng.choice(leaves if depth > 2 or rng.random() < 0.4 else inner)()

    def decay(self, below):
        params = models.DecayParamsExpression(
            x=below(),
            target=below() if self.rng.random() < 0.5 else None,
            scale=self.rng.choice([None, 0.5, 1000.0]),
            midpoint=self.rng.choice([None, 0.25]),
        )
        kind = self.rng.choice(["lin", "exp", "gauss"])
        if kind == "lin":
            return models.LinDecayExpression(lin_decay=params)
        return models.ExpDecayExpression(exp_decay=params) if kind == "exp" else models.GaussDecayExpression(gauss_decay=params)

    def formula(self, n_prefetches):
        defaults = {"price": 0.25, "number.deep": 3, "at": {"lon": 1, "lat": 40}, "when": "2024-02-02T00:00:00Z"}
        if self.rng.random() < 0.5:
            defaults["$score[0]"] = 0.125
        return models.FormulaQuery(formula=self.expression(n_prefetches), defaults=defaults)

    def weighted_rrf(self, n_prefetches):
        """With such weights hardly two sums of ranks are equal."""
        weights = [self.rng.uniform(0.3, 3) for _ in range(n_prefetches)]
        return models.RrfQuery(rrf=models.Rrf(k=self.rng.choice([None, 1, 60]), weights=weights))

    def merging(self, n_prefetches, held, is_root):
        """A query over prefetches and its vector name."""
        using = self.rng.choice(VECTORS)
        kinds = [
            lambda: (self.weighted_rrf(n_prefetches), None),
            lambda: ((self.scored if is_root else self.unlike)(using, held), using),
        ]
        if is_root:
            kinds += [
                lambda: (models.FusionQuery(fusion=models.Fusion.DBSF), None),
                lambda: (models.FusionQuery(fusion=models.Fusion.RRF), None),
                lambda: (models.RrfQuery(rrf=models.Rrf(k=5)), None),
                lambda: (self.formula(n_prefetches), None),
                lambda: (self.formula(n_prefetches), None),
            ]
        return self.rng.choice(kinds)()

    def filter_below(self):
        """Without `should`: a server takes those of all levels for alternatives; local mode then asks for those above once more."""
        return models.Filter(must=self.conditions(1), must_not=self.conditions(1) if self.rng.random() < 0.5 else None)

    def prefetches(self, held, depth=0):
        made = []
        for _ in range(self.rng.randint(1, 3)):
            below = self.prefetches(held, depth + 1) if depth < 2 and self.rng.random() < 0.3 else []
            using = self.rng.choice(VECTORS)
            query = self.unlike(using, held)
            if below:
                query, using = self.merging(len(below), held, is_root=False)
            made.append(
                models.Prefetch(
                    prefetch=below or None,
                    query=query,
                    using=using,
                    filter=self.filter_below() if self.rng.random() < 0.2 else None,
                    limit=self.rng.choice([None, 3, 12]),
                )
            )
        return made

    def question(self, held):
        """Arguments of query_points."""
        rng = self.rng
        using = rng.choice(VECTORS)
        arguments = {
            "limit": rng.choice([1, 4, 100]),
            "offset": rng.choice([0, 0, 2]),
            "query_filter": self.filter() if rng.random() < 0.4 else None,
            "with_payload": False,
        }
        kind = rng.random()
        self.named = set()
        if kind < 0.3:
            return {**arguments, "query": self.scored(using, held), "using": using}
        if kind < 0.35:
            return {**arguments, "query": models.ContextQuery(context=self.pairs(using, held)), "using": using}
        if kind < 0.45:
            return {**arguments, "query": self.mmr(using, held), "using": using}
        prefetches = self.prefetches(held)
        query, using = self.merging(len(prefetches), held, is_root=True)
        arguments["query_filter"] = self.filter_without_named(arguments["query_filter"])
        return {**arguments, "prefetch": prefetches, "query": query, "using": using}

    def words_question(self):
        rng = self.rng
        text = self.words(4)
        if rng.random() < 0.5:
            params = models.Bm25Params(k=rng.choice([None, 0.5, 2.0]), b=rng.choice([None, 0.0, 0.5]))
            text = models.TextQueryInput(query=text, scoring=models.TextQueryScoring(bm25=params))
        return {
            "query": models.TextQuery(text=text),
            "using": "story",
            "limit": rng.choice([1, 5, 100]),
            "offset": rng.choice([0, 0, 2]),
            "query_filter": self.maybe_filter(),
            "score_threshold": rng.choice([None, None, 1.0]),
            "with_payload": False,
        }

    def order_question(self):
        return {"query": models.OrderByQuery(order_by=self.order_by()), "limit": 1000, "query_filter": self.maybe_filter()}


def as_number(value):
    return value if isinstance(value, (int, float)) else value.timestamp() * 1e6


class QueryComparison(Comparison):
    def ask(self):
        world = self.world
        kind = world.rng.random()
        if kind < 0.05:
            self.ask_sample()
        elif kind < 0.08:
            self.ask_batch()
        elif kind < 0.12:
            self.ask_order()
        elif kind < 0.18:
            self.ask_query(self.world.words_question())
        else:
            self.ask_query(self.world.question(self.held))

    def ask_query(self, arguments):
        try:
            theirs = self.theirs.query_points("c", **arguments)
        except (ValueError, OverflowError):
            return  # a result beyond the numbers
        ours = self.ours.query_points("c", **arguments)
        is_cut = len(theirs.points) == arguments["limit"] or arguments["offset"] > 0
        self.check(same_hits(ours.points, theirs.points, is_cut), theirs.points, f"query {arguments}", ours, theirs)

    def ask_batch(self):
        """Several questions at once, which share what they can."""
        questions = [self.world.question(self.held) for _ in range(self.world.rng.randint(2, 6))]
        requests = [models.QueryRequest(filter=q["query_filter"], **{k: v for k, v in q.items() if k not in ("query_filter", "with_payload")}) for q in questions]
        try:
            theirs = self.theirs.query_batch_points("c", requests=requests)
        except (ValueError, OverflowError):
            return
        ours = self.ours.query_batch_points("c", requests=requests)
        are_same = [
            same_hits(a.points, b.points, len(b.points) == q["limit"] or q["offset"] > 0) for a, b, q in zip(ours, theirs, questions)
        ]
        self.check(all(are_same) and len(ours) == len(theirs), theirs[0].points, f"batch {are_same} {questions}", ours, theirs)

    def ask_sample(self):
        chosen = self.world.maybe_filter()
        a, b = self.both("query_points", query=models.SampleQuery(sample=models.Sample.RANDOM), query_filter=chosen, limit=1000)
        self.check({str(p.id) for p in a.points} == {str(p.id) for p in b.points}, b.points, f"sample {chosen}", a, b)

    def ask_order(self):
        arguments = self.world.order_question()
        a, b = self.both("query_points", **arguments)
        places = [sorted((as_number(p.order_value), str(p.id)) for p in answer.points) for answer in (a, b)]
        values = [as_number(p.order_value) for p in a.points]
        is_ordered = values == sorted(values, reverse=arguments["query"].order_by.direction == "desc")
        self.check(places[0] == places[1] and is_ordered, b.points, f"order {arguments}", a, b)


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    theirs = QdrantClient(":memory:")
    with served_engine(sys.argv[1]) as ours:
        for client in (ours, theirs):
            make_collection(client)
            client.create_payload_index("c", "story", TEXT)
        make_indexes(ours)
        comparison = QueryComparison(ours, theirs, Queries(seed))
        for _ in range(N_ROUNDS):
            comparison.write()
            while len(comparison.held) < 20:
                comparison.write()
            for _ in range(N_QUESTIONS):
                comparison.ask()
    for problem in comparison.problems[:10]:
        print(problem)
    n_compared, n_with_content = comparison.n_compared, comparison.n_with_content
    print(f"seed {seed}: {n_compared} answers compared, {n_with_content} of them not empty, {len(comparison.problems)} differ")
    sys.exit(1 if comparison.problems or n_with_content < n_compared / 2 else 0)


if __name__ == "__main__":
    main()
