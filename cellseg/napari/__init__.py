"""The napari plugin: readers of movies and results, and a widget that tracks. `napari.yaml` is its manifest.

Nothing here imports a Qt binding; whoever uses napari has one.
"""
