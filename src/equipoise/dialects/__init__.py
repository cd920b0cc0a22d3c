"""Every folder in here is a dialect; the server looks into it, nothing lists it."""
