"""Train the reranker: linjian eval train OUT --stage DATA[,DATA…]:EPOCHS [--stage …] --validate DATA

The loss adds the span's cross-entropy, binary cross-entropies of "answerable" and of each sentence as evidence, and a
ranking loss between a question's windows (the answering one against the others, as in a softmax). Every twentieth document
is kept to validate on. The first stage goes on from the embedding model or from packed weights (--start), a stage from the
stage before it, and the last one lowers the learning rate to nothing. What is finished is found again in OUT: an interrupted
run is started again with the same command. Several runs are made one by `linjian eval average`.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn import functional

from assistant.evidence.network import RerankerNetwork, Scores, Vocabulary
from assistant.evidence.reranker import PLACED, read_weights, write_weights
from eval.training.attributes import attribute_questions
from eval.training.case_texts import CaseSampler, JudgedQuestion, TrainingCase, article_questions, is_case_folder, read_cases
from eval.training.examples import UNKNOWN, Example, Recipe, Sampler, batches
from eval.training.training_data import TrainingQuestion, hold_out, judged_half, read_problems
from eval.training.validate import Validation, validate
from index.embedding.encoder import BUNDLED as E5
from index.embedding.precision import half_pays


def loss_of(scores: Scores, groups: Sequence[Sequence[Example]]) -> torch.Tensor:
    """Return the sum of the four losses over the examples of `groups`, laid out one after the other in `scores`."""
    examples = [e for group in groups for e in group]
    answerable = torch.tensor([e.answerable for e in examples])
    total = functional.binary_cross_entropy_with_logits(scores.answerable, answerable)

    labels = torch.full(scores.evidence.shape, UNKNOWN)
    for row, e in enumerate(examples):
        labels[row, : len(e.evidence)] = torch.tensor(e.evidence)
    known = labels != UNKNOWN
    total = total + functional.binary_cross_entropy_with_logits(scores.evidence[known], labels[known])

    rows = [i for i, e in enumerate(examples) if e.span]
    if rows:
        first, last = torch.tensor([examples[i].span for i in rows]).unbind(1)
        total = total + 0.5 * (functional.cross_entropy(scores.start[rows], first)
                               + functional.cross_entropy(scores.end[rows], last))
    at, ranked = 0, []
    for group in groups:
        if len(group) > 1:
            ranked.append(-functional.log_softmax(scores.answerable[at:at + len(group)], 0)[0])
        at += len(group)
    return total + 0.5 * torch.stack(ranked).mean() if ranked else total


@dataclass(frozen=True, slots=True)
class Stage:
    """What is trained on, and for how many epochs: questions about documents, and folders' cases with their questions."""

    problems: Sequence[TrainingQuestion]
    epochs: float
    cases: Sequence[tuple[Sequence[TrainingCase], Sequence[JudgedQuestion]]] = ()


def train(out: Path, stages: Sequence[Stage], validation: Sequence[TrainingQuestion], embeddings: Path,
          recipe: Recipe, limit: int | None = None, every: int = 400, start: Path | None = None) -> list[Validation]:
    """Run the stages, each from where the one before ended, the first from packed weights if any; all goes to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2), encoding="utf-8")
    vocabulary = Vocabulary.load(embeddings)
    torch.manual_seed(recipe.seed)
    network = RerankerNetwork.from_embedding_model(embeddings, recipe.dropout)
    network.encoder.embeddings.word_embeddings.requires_grad_(False)
    if start:
        network.load_state_dict({name: torch.from_numpy(v) for name, v in read_weights(start).items()}, strict=False)
    results = []
    for layer in network.encoder.encoder.layer[:recipe.frozen]:
        layer.requires_grad_(False)
    for number, stage in enumerate(stages):
        finished = out / f"stage{number}.safetensors"
        if finished.is_file():
            _restore(network, finished)
            continue
        last = number == len(stages) - 1
        _stage(out, number, network, vocabulary, stage, validation, recipe, limit, every, last=last)
        _store(network, finished)
        results.append(_report(out, f"stage {number} done", network, vocabulary, validation, recipe))
    return results


def _stage(out: Path, number: int, network: RerankerNetwork, vocabulary: Vocabulary, stage: Stage,
           validation: Sequence[TrainingQuestion], recipe: Recipe, limit: int | None, every: int, *, last: bool) -> None:
    samplers = [Sampler(stage.problems, vocabulary, recipe),
                *(CaseSampler(cases, questions, vocabulary, recipe.seed) for cases, questions in stage.cases)]
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    body = [p for n, p in network.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": heads}], weight_decay=0.01, fused=True)
    plan = [batch for e in range(number * 100, number * 100 + math.ceil(stage.epochs))
            for batch in batches([group for sampler in samplers for group in sampler.epoch(e)], recipe, e)]
    steps = min(int(len(plan) * stage.epochs / math.ceil(stage.epochs)), limit or len(plan))
    checkpoint = out / f"stage{number}.part.safetensors"
    done = _resume(network, optimiser, checkpoint) if checkpoint.is_file() else 0
    _tell(out, f"stage {number}: {steps} steps, {sum(len(e.inputs.ids) for b in plan for g in b for e in g)} tokens")
    half = half_pays()
    rates, began, losses, network = (recipe.rate, recipe.head_rate), time.monotonic(), [], network.train()
    for step in range(done, steps):
        torch.manual_seed(recipe.seed * 1_000_003 + step)  # dropout is the same after an interruption
        scale = min(1.0, (step + 1) / min(recipe.warmup, max(steps // 4, 1))) * (1 - step / steps if last else 1.0)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * scale
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            scores = network([e.inputs for group in plan[step] for e in group])
        loss = loss_of(scores, plan[step])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimiser.step()
        losses.append(loss.item())
        if (step + 1) % 20 == 0 or step + 1 == steps:
            left = (time.monotonic() - began) / (step + 1 - done) * (steps - step - 1)
            _tell(out, f"stage {number} step {step + 1}/{steps} loss {np.mean(losses[-20:]):.3f} {left / 60:.0f} min left")
        if (step + 1) % every == 0 and step + 1 < steps:
            _save(network, optimiser, step + 1, checkpoint)
            _report(out, f"step {step + 1}", network, vocabulary, validation[:300], recipe)
    (out / f"stage{number}.losses.json").write_text(json.dumps(losses), encoding="utf-8")


def _report(out: Path, when: str, network: RerankerNetwork, vocabulary: Vocabulary, validation: Sequence[TrainingQuestion],
            recipe: Recipe) -> Validation:
    result = validate(network, vocabulary, validation, recipe)
    _tell(out, f"{when}: {json.dumps(asdict(result))}")
    return result


def _tell(out: Path, line: str) -> None:
    print(line, file=sys.stderr, flush=True)
    with (out / "log.txt").open("a", encoding="utf-8") as log:
        log.write(line + "\n")


def _trained(network: RerankerNetwork) -> dict[str, torch.Tensor]:
    """Return all weights but the word embeddings, which stay those of the embedding model."""
    return {name: tensor.detach().contiguous() for name, tensor in network.state_dict().items()
            if "word_embeddings" not in name}


def _store(network: RerankerNetwork, path: Path) -> None:
    save_file(_trained(network), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def _restore(network: RerankerNetwork, path: Path) -> None:
    network.load_state_dict(load_file(path), strict=False)


def _save(network: RerankerNetwork, optimiser: torch.optim.Optimizer, step: int, path: Path) -> None:
    state = {f"state.{i}.{k}": v for i, values in optimiser.state_dict()["state"].items() for k, v in values.items()}
    save_file(_trained(network) | state, path.with_suffix(".new"), metadata={"step": str(step)})
    path.with_suffix(".new").replace(path)


def _resume(network: RerankerNetwork, optimiser: torch.optim.Optimizer, path: Path) -> int:
    tensors = load_file(path)
    network.load_state_dict({k: v for k, v in tensors.items() if not k.startswith("state.")}, strict=False)
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("state."):
            _, index, name = key.split(".", 2)
            state.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    with safe_open(path, "pt") as file:
        return int(file.metadata()["step"])


def train_stages(out: Path, stages: Sequence[str], embeddings: Path, *, seed: int, rates: Mapping[str, float],
                 limit: int | None, start: Path | None, half: int | None, validate: Sequence[Path],
                 pack: Path | None) -> None:
    """Train on stages that are written as DATA[,DATA…]:EPOCHS, report on `validate`, and pack the weights as int8."""
    read: list[Stage] = []
    held: list[TrainingQuestion] = []
    for stage in stages:
        data, _, epochs = stage.rpartition(":")
        folders = [Path(name) for name in data.split(",")]
        case_folders = [folder for folder in folders if is_case_folder(folder)]
        problems, kept = hold_out([p for folder in folders for p in (
            article_questions(folder) if folder in case_folders else read_problems(folder))])
        if half is not None:
            problems = judged_half(problems, half)
        asked = attribute_questions(list(dict.fromkeys(p.document for p in problems if p.document.ours)), seed)
        read.append(Stage([*problems, *asked], float(epochs), [read_cases(folder) for folder in case_folders]))
        held = held or kept
    recipe = Recipe(seed=seed, **rates)
    train(out, read, held, embeddings, recipe, limit, start=start)
    network = RerankerNetwork.from_embedding_model(embeddings)
    last = out / f"stage{len(read) - 1}.safetensors"
    _restore(network, last)
    for path in validate:
        _report(out, str(path), network, Vocabulary.load(embeddings), read_problems(path), recipe)
    if pack:
        facts = {"start": start.name if start else E5, "stages": " ".join(map(_named, stages)), "headings": PLACED}
        facts |= {name: str(value) for name, value in asdict(recipe).items()}
        write_weights(pack, {name: tensor.numpy() for name, tensor in load_file(last).items()}, facts)


def _named(stage: str) -> str:
    """Return a stage without the folders of this machine: what it learned from, and for how long."""
    data, _, epochs = stage.rpartition(":")
    return ",".join("/".join(Path(name).parts[-2:]) for name in data.split(",")) + f":{epochs}"
