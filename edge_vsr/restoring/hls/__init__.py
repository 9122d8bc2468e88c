"""HLS as it is received: playlists of any maker, what they list, and what of that is missing."""
