"""Which figures can be published of one table of counts, and by which sums do they hang together?

Villages add to a township and townships to the district, months to a year, satisfied and dissatisfied to answered.
Whoever sees some of these figures can work out others. Here every cell and every sum is written down once, with the
equations between them; ``suppression_audit`` asks what they give away. All that is published belongs into it: sums that
are left out here are believed to be unknown.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from indicators.counts import Floats, check_counts
from indicators.errors import MethodError

TOTAL = "total"


@dataclass(frozen=True, eq=False)
class Margins:
    """Every cell that can be published of one table, leaves and sums, and how they hang together.

    cells        the key columns, one row a cell, and ``leaf``
    values       counts in the order of ``cells``
    constraints  sparse (sums × cells): +1 for the children, −1 for their sum; constraints @ values is 0
    """

    cells: pd.DataFrame
    values: Floats
    constraints: sparse.csr_array


def margins(
    frame: pd.DataFrame, *, value: str, keys: Mapping[str, Mapping[str, str] | None], total: str = TOTAL
) -> Margins:
    """All sums of a table of counts over its keys, with their constraints.

    ``frame`` has a column per key and the counts in ``value``; rows that share keys are added, absent combinations are
    0. A key is given the parent of each of its members (village → township → district; satisfied and dissatisfied →
    answered), or None for members that add to one ``total``. Rows hold members without children only. The result holds
    every combination of members and sums, sorted by key; the number of cells is the product of the keys' members.

    Raises CountError for impossible counts, MethodError for a row with a sum as key or a parent that leads in a circle.
    """
    counts = frame[value].to_numpy(dtype=np.float64, na_value=np.nan)
    check_counts(counts, counts, what=value)
    trees = [_tree(frame[key].astype(str), parents, key=key, total=total) for key, parents in keys.items()]
    shape = tuple(len(tree.leaves) for tree in trees)
    table = np.zeros(shape)
    where = tuple(np.searchsorted(tree.leaves, frame[key].astype(str)) for tree, key in zip(trees, keys, strict=True))
    np.add.at(table, where, counts)
    sums, leaf = sparse.csr_array(np.ones((1, 1))), np.ones(1, dtype=bool)
    rows = []
    for place, tree in enumerate(trees):
        sums = _kron(sums, tree.sums)
        leaf = np.kron(leaf, np.isin(tree.nodes, tree.leaves))
        parts = [sparse.csr_array(sparse.eye_array(len(one.nodes))) for one in trees]
        parts[place] = tree.constraints
        rows.append(functools.reduce(_kron, parts))
    names = itertools.product(*(tree.nodes for tree in trees))
    cells = pd.DataFrame(list(names), columns=list(keys)).assign(leaf=leaf)
    return Margins(cells, np.asarray(sums @ table.ravel()), sparse.csr_array(sparse.vstack(rows)))


class _Tree(NamedTuple):
    nodes: list[str]
    leaves: list[str]
    sums: sparse.csr_array
    constraints: sparse.csr_array


def _tree(members: pd.Series, parents: Mapping[str, str] | None, *, key: str, total: str) -> _Tree:
    leaves = sorted(set(members))
    up = dict(parents) if parents is not None else dict.fromkeys(leaves, total)
    paths: dict[str, list[str]] = {}
    for leaf in leaves:
        path = [leaf]
        while path[-1] in up and len(path) <= len(up) + 1:
            path.append(up[path[-1]])
        paths[leaf] = path
    sums = {node for path in paths.values() for node in path[1:]}
    wrong = sorted(sums & set(leaves)) or [leaf for leaf in leaves if len(set(paths[leaf])) < len(paths[leaf])]
    if wrong:
        raise MethodError(
            zh=f"{key}：{wrong[0]}既是合计又是明细，或其上级成环；请只给出最细一级的行，并更正上级关系。",
            en=f"{key}: {wrong[0]} is both a sum and a row, or its parents lead in a circle; give rows of the finest "
            "level only and correct the parents.",
        )
    nodes = sorted(sums | set(leaves))
    position = {node: row for row, node in enumerate(nodes)}
    summed = sparse.lil_array((len(nodes), len(leaves)))
    for column, leaf in enumerate(leaves):
        for node in paths[leaf]:
            summed[position[node], column] = 1
    links = sorted({(path[i + 1], path[i]) for path in paths.values() for i in range(len(path) - 1)})
    order = {node: row for row, node in enumerate(sorted(sums))}
    matrix = sparse.lil_array((len(order), len(nodes)))
    for parent, child in links:
        matrix[order[parent], position[child]] = 1
        matrix[order[parent], position[parent]] = -1
    return _Tree(nodes, leaves, sparse.csr_array(summed), sparse.csr_array(matrix))


def _kron(a: sparse.csr_array, b: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(sparse.kron(a, b, format="csr"))
