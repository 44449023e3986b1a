"""Guards: what keeps a fix from becoming the incident. Pure: remedies and circumstances in, holds out."""
