"""Other frameworks on the same passages, with the same embedding model: what a careful user of each would set up.

    linjian eval run SUITE --work DIR --out built-in.json      makes the passages
    linjian eval baselines SUITE --work DIR --out DIR --model FOLDER --python langchain=PYTHON ...

Each framework runs in a process of its own (`python -m eval.rivals.worker`), with its own Python if its pins clash with
ours; all that it needs of ours is this folder. Its passages are what `linjian` searches, headings and all; its answer is
its first four passages, for none of them answers without a language model. It never refuses.
"""
