"""A page of two parts that are drawn anew by themselves, each saying how often either was."""

import streamlit as st

from pages.parts.heard_out import hear_every_run_out

hear_every_run_out()


def draw(part: str, other: str) -> None:
    """Count this drawing, and say both counts."""
    st.session_state[part] = st.session_state.get(part, 0) + 1
    st.html(f"<p>{part} {st.session_state[part]} {other} {st.session_state.get(other, 0)}</p>")


st.fragment(draw, run_every=900, key="a")("a", "b")
st.fragment(draw, run_every=900, key="b")("b", "a")
