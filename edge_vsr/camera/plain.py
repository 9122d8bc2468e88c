"""Files that are whole in themselves: none that makes FFmpeg read others, whatever its name says it is."""

import av

_LEADS_ELSEWHERE = frozenset(
    {"avisynth", "concat", "dash", "hls", "image2", "imf", "lavfi", "mlv", "rtp", "rtsp", "sap", "sdp", "vapoursynth"}
    | {"vobsub", "webm_dash_manifest"}
)
PLAIN = {"format_whitelist": ",".join(sorted(av.formats_available - _LEADS_ELSEWHERE))}
"""Options of FFmpeg to open one with."""
