"""eval: measures the assistant; imports `assistant`, `index` and `prompts`, and nothing imports it but the command line."""
