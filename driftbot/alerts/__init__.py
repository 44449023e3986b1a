"""What follows from the facts about alerts: how definitions differ, what they share, what they leave out. Pure."""
