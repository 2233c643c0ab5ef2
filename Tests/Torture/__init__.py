"""The crash test on real servers: flows under kills, broken connections and failing stores, and an audit after it."""
