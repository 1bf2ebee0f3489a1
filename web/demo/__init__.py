"""The demo shop and the main job done once in the terminal."""
