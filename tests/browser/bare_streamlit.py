"""The elements that the house uses, as Streamlit brings them."""

import altair as alt
import streamlit as st

st.title("Bare")
st.pills("Pills", ["One", "Two", "Three"], default="One")
st.pills("Pills, several", ["One", "Two"], selection_mode="multi", default=["One"])
st.segmented_control("Segmented control", ["Yes", "No"], default="Yes")
st.radio("Radio", ["One", "Two"], captions=["first", "second"])
st.selectbox("Select box", ["One", "Two"], index=None)
st.multiselect("Multi select", ["One", "Two"], default=["One"])
st.text_input("Text input")
st.text_area("Text area")
st.number_input("Number input", value=None)
st.slider("Slider", 0, 10, 3)
st.date_input("Date input", value=None)
st.time_input("Time input", value=None)
st.datetime_input("Date and time input", value=None)
st.button("Button")
st.button("Button, primary", type="primary")
st.button("Button, off", disabled=True)
with st.expander("Expander", expanded=True):
    st.write("In it")
st.error("An error")
st.code("x = 1")
data = alt.Data(values=[{"a": 1, "b": 2}, {"a": 2, "b": 3}])
st.altair_chart(alt.Chart(data).mark_line().encode(x="a:Q", y="b:Q"))
st.html("<p>Words</p>")
st.toast("Said")
st.text("The end")
