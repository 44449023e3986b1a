"""What people decide in a chat: who may, what comes of it, and how it is written down."""
