"""LM Studio, and servers of the same HTTP dialect: which models are there, chat, embeddings.

Nothing here imports httpx until a server has been found to listen.
"""
