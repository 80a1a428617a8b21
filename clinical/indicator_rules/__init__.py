"""The indicators' rules: each a pure function of the facts about one wait."""
