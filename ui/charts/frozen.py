"""A finished figure that Streamlit sends as it is, without copying and checking it again on every rerun."""

from typing import Any

from plotly.basedatatypes import BaseFigure
from plotly.graph_objects import Figure


class Frozen(BaseFigure):
    """What ``st.plotly_chart`` needs of a figure, made once and then shared read-only between sessions.

    ``st.plotly_chart`` takes a ``BaseFigure``'s ``to_dict()`` as already valid; a real ``Figure`` answers with a deep
    copy, a plain dict is validated anew: several milliseconds a chart. This class answers with the dict it was made
    of. It leans on inside knowledge of plotly and Streamlit, and tests/charts/test_frozen.py watches over it.
    Keep it in ``st.cache_resource`` (``cache_data`` would pickle it); never change the dict.
    """

    # BaseFigure.__init__ builds the validated object tree, which is the very cost to avoid.
    def __init__(self, figure: Figure) -> None:
        object.__setattr__(self, "_frozen", _shortened(figure.to_dict()))
        for trace in self._frozen["data"]:
            trace.pop("uid", None)

    def to_dict(self) -> dict[str, Any]:
        """The figure as plotly's JSON-ready dict: the same object at every call."""
        return self._frozen

    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError("A frozen figure is shared between sessions; change the Figure before freezing it.")

    def __repr__(self) -> str:
        return f"Frozen({len(self._frozen['data'])} traces)"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("A frozen figure is not pickled; cache it with st.cache_resource.")


def _shortened(part: Any) -> Any:
    """The same structure with numbers of at most six decimals: the rest is bytes that nobody sees."""
    if isinstance(part, dict):
        return {key: _shortened(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_shortened(value) for value in part]
    return round(part, 6) if isinstance(part, float) else part
