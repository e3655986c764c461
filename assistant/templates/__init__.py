"""templates: the HTML of every page, a folder for each room, and the one environment that fills it in."""

__all__ = ["environment"]
