"""What restoring half-size video is worth: measures, and makes docs/quality.md. `python -m docs.quality --help`"""
