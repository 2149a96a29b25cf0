"""Makes an episode whose last request is answered wrongly as small as it can."""


def without_some(items, is_failing, spend):
    """The items that are needed: halves are left out, then quarters, down to single ones."""
    size = max(1, len(items) // 2)
    while size >= 1:
        i = 0
        while i < len(items) and spend():
            fewer = items[:i] + items[i + size:]
            if is_failing(fewer):
                items = fewer
            else:
                i += size
        size //= 2
    return items


def smaller(value):
    """Values a step smaller than this one, the boldest first. An object keeps a key: without any it may mean something else."""
    if isinstance(value, dict):
        for key in value if len(value) > 1 else ():
            yield {k: v for k, v in value.items() if k != key}
        for key, part in value.items():
            for less in smaller(part):
                yield {**value, key: less}
    elif isinstance(value, list):
        for i in range(len(value)):
            yield value[:i] + value[i + 1:]
        for i, part in enumerate(value):
            for less in smaller(part):
                yield value[:i] + [less] + value[i + 1:]
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]


def smallest(value, is_failing, spend):
    """Steps down as long as a smaller value fails too."""
    is_found = True
    while is_found:
        is_found = False
        for less in smaller(value):
            if not spend():
                return value
            if is_failing(less):
                value, is_found = less, True
                break
    return value


def shrink(requests, is_failing, most_trials=400):
    """requests: [(RPC, request)], of which the last fails. is_failing(requests) tries a list of the same kind."""
    left = [most_trials]

    def spend():
        left[0] -= 1
        return left[0] >= 0

    *before, last = requests
    before = without_some(before, lambda fewer: is_failing([*fewer, last]), spend)
    rpc, request = last
    request = smallest(request, lambda less: is_failing([*before, (rpc, less)]), spend)
    for i, (other, body) in enumerate(before):
        before[i] = (other, smallest(body, lambda less, i=i, other=other: is_failing([*before[:i], (other, less), *before[i + 1:], (rpc, request)]), spend))
    return [*before, (rpc, request)]
