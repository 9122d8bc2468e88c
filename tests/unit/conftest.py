"""For all unit tests: what hypothesis may take on a busy machine."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, max_examples=50)
settings.register_profile("emulated", deadline=None, max_examples=5)
settings.load_profile("unit")
