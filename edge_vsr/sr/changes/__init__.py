"""Only what changed: on a camera that stands still most of a frame is the last one again.

What the network adds to bicubic is kept, tile by tile, and made anew where luma has changed; bicubic itself follows
every frame. docs/changes.md has what that saves and costs.
"""
