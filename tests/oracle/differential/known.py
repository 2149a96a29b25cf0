"""Where the recordings of the real server decide against the reference."""


def is_known(rpc, request, ours, theirs):
    return False
