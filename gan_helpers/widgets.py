"""Show a widget with a text form that never changes, so that stored outputs can be compared."""


def display_widget(widget, text: str) -> None:
    """Display an ipywidgets `widget`; where widgets cannot be drawn, `text` stands in its place."""
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"text/plain": text, "application/vnd.jupyter.widget-view+json": view}, raw=True)
