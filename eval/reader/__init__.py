"""Training the reader: its data, the examples made from them, the validation, the loop."""
