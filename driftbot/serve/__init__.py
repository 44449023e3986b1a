"""The one process that stays awake: the schedule, interaction, own metrics and the dead-man's ping."""
