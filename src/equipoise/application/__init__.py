"""The one desk: every read and every write of every surface goes through here."""
