"""Delivery: what each channel is to be told, put together from the store, and brought to the channels."""
