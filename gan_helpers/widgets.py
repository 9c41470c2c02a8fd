"""Show a widget with a text form that never changes, so that stored outputs can be compared."""


def display_widget(widget, text: str) -> None:
    """Display an ipywidgets `widget`; where widgets cannot be drawn, or for None, `text` stands in its place."""
    from IPython.display import display

    data = {"text/plain": text}
    if widget is not None:
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        data["application/vnd.jupyter.widget-view+json"] = view
    display(data, raw=True)
