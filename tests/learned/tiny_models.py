"""Networks of the real kinds, tiny where they can be, all with random weights."""

import json
from pathlib import Path
from typing import Any

import torch
import torchvision
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

SEED = 7


def write_tiny_clip(folder: Path) -> Path:
    """Write a CLIP of two thin layers with its tokenizer, as `from_pretrained` reads them."""
    torch.manual_seed(SEED)
    folder.mkdir(parents=True)
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)] + list("., ")
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{c}</w>" for c in letters)]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), unk_token="<|endoftext|>"
    )
    layer = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    layers = {"num_hidden_layers": 2, "projection_dim": 8}
    text = {"vocab_size": len(tokens), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    config = CLIPConfig(
        text_config={**layer, **layers, **text},
        vision_config={**layer, **layers, "image_size": 32, "patch_size": 16},
        projection_dim=8,
    )
    pictures = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPModel(config).save_pretrained(folder)
    CLIPProcessor(image_processor=pictures, tokenizer=tokenizer).save_pretrained(folder)
    return folder


def write_random_alexnet(path: Path) -> dict[str, Any]:
    """Write the convolutions of an AlexNet; its classifier, which LPIPS never uses, is left out."""
    torch.manual_seed(SEED)
    whole = torchvision.models.alexnet(weights=None).state_dict()
    features = {name: value for name, value in whole.items() if name.startswith("features.")}
    torch.save(features, path)
    return features


def write_random_musiq(path: Path) -> Path:
    """Write the weights of a MUSIQ as pyiqa keeps them."""
    from pyiqa.archs.musiq_arch import MUSIQ

    torch.manual_seed(SEED)
    torch.save(MUSIQ(pretrained=False).state_dict(), path)
    return path
