"""The loop: monitor, analyse, propose, implement, measure. It meets the world through `ports.py` alone."""
