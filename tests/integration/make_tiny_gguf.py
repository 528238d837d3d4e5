"""Writes a model of half a megabyte that a real engine loads: random weights, with a few leanings.

Needs `gguf` and `numpy`. The words come from this project's own pages: a byte-pair vocabulary is made of them. What
the model writes means nothing, but it ends: closing marks are likelier than all else, so JSON under a grammar closes
its strings and lists at once; the end of the text comes after some forty tokens where a temperature lets it.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, INNER, LAYERS, CONTEXT = 64, 4, 128, 2, 65536
MERGES = 700
END, START = 2, 1
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def vocabulary() -> list[str]:
    """Pieces of words, those that come together most often first; `▁` stands for a space."""
    text = "".join(
        path.read_text("utf-8") for path in sorted((Path(__file__).parents[2] / "docs" / "how-to").glob("*.md"))
    )
    words = Counter("▁" + word for word in text.split())
    split = {word: list(word) for word in words}
    letters = [chr(code) for code in range(32, 127) if chr(code) != " "] + ["▁"]
    pieces = list(letters)
    for _ in range(MERGES):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in split.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        if not pairs:
            break
        left, right = max(pairs, key=lambda pair: (pairs[pair], pair))
        pieces.append(left + right)
        for word, parts in split.items():
            split[word] = merged(parts, left, right)
    return list(dict.fromkeys(piece for piece in pieces if piece.isascii() or piece.replace("▁", "").isascii()))


def merged(parts: list[str], left: str, right: str) -> list[str]:
    found: list[str] = []
    for part in parts:
        if found and found[-1] == left and part == right:
            found[-1] = left + right
        else:
            found.append(part)
    return found


def main(path: str) -> None:
    pieces = vocabulary()
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    kinds = gguf.TokenType
    types = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256, *[kinds.NORMAL] * len(pieces)]
    scores = [0.0] * 259 + [-float(rank) for rank in range(len(pieces))]

    chance = np.random.default_rng(7)

    def weights(*shape: int, scale: float = 0.05) -> np.ndarray:
        return (chance.standard_normal(shape) * scale).astype(np.float32)

    # The first direction is the same for every token, so a row of the output has a leaning of its own there.
    embedding = weights(len(tokens), WIDTH, scale=0.3)
    embedding[:, 0] = 2.0
    output = weights(len(tokens), WIDTH, scale=0.25)
    leaning = {token: place for place, token in enumerate(tokens)}
    output[:, 0] = -0.3
    output[3:259, 0] = -2.0
    for token, much in (('"', 1.6), ("]", 0.6), ("</s>", 0.64), ("<unk>", -5.0), ("<s>", -5.0)):
        output[leaning[token], 0] = much

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(START)
    writer.add_eos_token_id(END)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        at = f"blk.{layer}"
        writer.add_tensor(f"{at}.attn_norm.weight", np.ones(WIDTH, np.float32))
        writer.add_tensor(f"{at}.ffn_norm.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{at}.{name}.weight", weights(WIDTH, WIDTH))
        for name in ("ffn_gate", "ffn_up"):
            writer.add_tensor(f"{at}.{name}.weight", weights(INNER, WIDTH))
        writer.add_tensor(f"{at}.ffn_down.weight", weights(WIDTH, INNER))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1])
